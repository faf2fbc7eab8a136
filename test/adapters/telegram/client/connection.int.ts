import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { Api } from 'telegram/tl/index.js';
import { systemClock } from '../../../../src/adapters/system/index.ts';
import { openLink } from '../../../../src/adapters/telegram/client/link.ts';
import { DEFAULT_TIMING } from '../../../../src/adapters/telegram/client/settings.ts';
import { type Clock, silentNotice } from '../../../../src/ports/index.ts';
import { makeFixedClock } from '../../../../src/testing/index.ts';
import { type MtprotoServer, startMtprotoServer } from '../../../fakes/telegram/index.ts';
import { ACCOUNT, ANN, answer, BOT, type Life, logged, makeWatch, onStage, type Stage, TIMING, TOKEN } from '../gateway-stage.ts';

const calls = ({ server }: Stage, method: string): number => server.calls.items.filter((call) => call.method === method).length;
const isUp = (life: Life) => (): boolean => life.gateway.health().status === 'ok';
const isDown = (life: Life) => (): boolean => life.gateway.health().status === 'down';

const hello = async (stage: Stage, life: Life, text: string): Promise<void> => {
  stage.server.world.sendMessage({ from: ANN, chat: BOT, text });
  await life.untilReceived(text);
};

describe('Telegram connection', () => {
  it('counts its failures in a row: one that held for half a minute ends them', () => {
    let laterMs = 0;
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + laterMs };
    return onStage({ clock }, async (stage) => {
      const life = await stage.start();
      const connections = () => life.lines.filter(({ message }) => message === 'connected');
      const cut = async (): Promise<void> => {
        const count = connections().length;
        stage.server.cutConnections();
        await life.until('connected again', () => connections().length > count);
      };
      await cut();
      await cut();
      laterMs += 31_000;
      await cut();
      expect(connections().map(({ fields }) => fields.failures)).to.deep.equal([0, 1, 2, 1]);
    });
  });

  describe('signing in', () => {
    it('a bot signs itself in over a full key exchange, once: the next process uses its session', () =>
      onStage({ preset: false }, async (stage) => {
        const first = await stage.start();
        expect(first.gateway.health().status, logged(first)).to.equal('ok');
        await hello(stage, first, 'hello');
        await stage.stop(first);
        const second = await stage.start();
        await hello(stage, second, 'again');
        expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
        expect(JSON.stringify([...first.lines, ...second.lines])).to.not.include(TOKEN);
      }));

    it('follows the account to its own data centre, and comes back there', () =>
      onStage({ preset: false }, async (stage) => {
        await using home = await startMtprotoServer({ dcId: 4, beside: stage.server });
        stage.server.world.addUser({ id: 700, username: 'far_bot', isBot: true, token: '700:far', dcId: 4 });
        const settings = { ...stage.settings, account: { kind: 'bot', token: '700:far' } } as const;
        const first = await stage.start({ settings });
        expect(first.gateway.self()?.id, logged(first)).to.equal(700);
        stage.server.world.sendMessage({ from: ANN, chat: 700, text: 'far away' });
        await first.untilReceived('far away');
        await stage.stop(first);
        const second = await stage.start({ settings });
        expect(second.gateway.self()?.id).to.equal(700);
        expect(home.calls.items.filter(({ method }) => method === 'auth.importBotAuthorization')).to.have.length(1);
        home.assertClean();
      }));

    it('a flood wait is waited out, and stored: a restart does not ask again before its end', () =>
      onStage({ preset: false }, async (stage) => {
        stage.server.faults.fail('auth.importBotAuthorization', 'FLOOD_WAIT_600');
        const first = await stage.start();
        await first.until('the wait is told', () => /no sign-in for another (600|599) s/.test(first.gateway.health().detail));
        await stage.stop(first);
        const second = await stage.start();
        expect(second.gateway.health().detail).to.match(/flood wait/);
        expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
        await stage.stop(second);
        const later = makeFixedClock(Date.now() + 601_000);
        const third = await stage.start({
          clock: {
            now: later.now,
            after: (ms, action) => {
              const timer = setTimeout(action, ms);
              return () => clearTimeout(timer);
            },
          },
        });
        expect(third.gateway.health().status, logged(third)).to.equal('ok');
      }));

    it('a person’s account without a session is told to log in, and nothing is asked of Telegram', () =>
      onStage({ account: 'user', preset: false }, async (stage) => {
        const life = await stage.start();
        expect(life.gateway.health()).to.deep.equal({
          name: 'telegram',
          status: 'down',
          detail: 'there is no Telegram session yet: run `kept login`',
        });
        expect(stage.server.calls.items).to.deep.equal([]);
      }));

    it('a wrong token ends in words', () =>
      onStage({ preset: false }, async (stage) => {
        const settings = { ...stage.settings, account: { kind: 'bot', token: `${BOT}:wrong` } } as const;
        const life = await stage.start({ settings });
        expect(life.gateway.health().detail).to.match(/does not know the bot's token/);
        expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
      }));

    it('an error that says nothing of the session does not sign in anew', () =>
      onStage({}, async (stage) => {
        stage.server.faults.fail('users.getUsers', 'INTERNAL', 2);
        stage.server.faults.fail('users.getUsers', 'FLOOD_WAIT_0');
        const life = await stage.start();
        await life.until('connected', isUp(life));
        expect(calls(stage, 'auth.importBotAuthorization')).to.equal(0);
      }));
  });

  describe('losing the account', () => {
    for (const error of ['AUTH_KEY_UNREGISTERED', 'SESSION_REVOKED', 'USER_DEACTIVATED_BAN'])
      it(`${error} of a person’s account ends in words, not in a loop`, () =>
        onStage({ account: 'user' }, async (stage) => {
          stage.server.faults.fail('users.getUsers', error);
          const life = await stage.start();
          expect(life.gateway.health().detail).to.match(error === 'USER_DEACTIVATED_BAN' ? /banned/ : /kept login/);
          expect(life.lines.filter(({ level }) => level === 'error')).to.have.length(1);
          await life.until('the connection is closed', () => stage.server.connections() === 0);
          expect(calls(stage, 'users.getUsers')).to.equal(1);
        }));

    it('a session that is revoked while it lives is noticed by the next call', () =>
      onStage({ account: 'user' }, async (stage) => {
        const life = await stage.start();
        stage.server.revoke(ACCOUNT);
        await life.gateway.showTyping(answer(ANN, '').chatId).catch(() => undefined);
        await life.gateway.showTyping(answer(-7, '').chatId).catch(() => undefined);
        await life.until('it is told', () => /kept login/.test(life.gateway.health().detail));
      }));

    it('a bot signs in once more with its token, and misses nothing', () =>
      onStage({ timing: { probeIntervalMs: 50 } }, async (stage) => {
        const life = await stage.start();
        await hello(stage, life, 'before');
        stage.server.revoke(BOT);
        stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'during' });
        await life.untilReceived('during');
        expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
        stage.server.revoke(BOT);
        await life.until('it gives up', () => /not signed in/.test(life.gateway.health().detail));
        expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
      }));

    it('a key that the server has forgotten is tried again before the session counts as lost', () =>
      onStage({ account: 'user' }, async (stage) => {
        const life = await stage.start();
        stage.server.forgetKeys();
        await life.gateway.showTyping(answer(-7, '').chatId).catch(() => undefined);
        await life.until('it is told', () => /forgotten the session's key/.test(life.gateway.health().detail));
        expect(await stage.state.get('session'), 'it may be a mistake of the server').to.be.a('string');
      }));

    it('a bot whose key was forgotten signs in with a new one', () =>
      onStage({ timing: { probeIntervalMs: 50 } }, async (stage) => {
        const life = await stage.start();
        await hello(stage, life, 'before');
        stage.server.forgetKeys();
        stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'during' });
        await life.untilReceived('during');
        expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
      }));
  });

  describe('a refusal that comes with the opening', () => {
    for (const [error, advice] of [
      ['AUTH_KEY_DUPLICATED', /two places at once.*kept login/],
      ['AUTH_KEY_UNREGISTERED', /kept login/],
      ['SESSION_REVOKED', /kept login/],
      ['USER_DEACTIVATED_BAN', /banned/],
      ['FROZEN_METHOD_INVALID', /frozen/],
      ['API_ID_INVALID', /my\.telegram\.org/],
    ] as const)
      it(`ends a person’s account in words where it is ${error}`, () =>
        onStage({ account: 'user' }, async (stage) => {
          stage.server.refuse(ACCOUNT, error);
          const life = await stage.start();
          expect(life.gateway.health().detail).to.match(advice);
          expect(life.lines.filter(({ level }) => level === 'error')).to.have.length(1);
          await life.until('the connection is closed', () => stage.server.connections() === 0);
          expect(stage.server.transports.items).to.have.length(1);
        }));

    it('signs a bot in once more where it is AUTH_KEY_DUPLICATED, and it misses nothing', () =>
      onStage({}, async (stage) => {
        stage.server.faults.fail('initConnection', 'AUTH_KEY_DUPLICATED');
        stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'meanwhile' });
        const life = await stage.start();
        await life.until('connected', isUp(life));
        await hello(stage, life, 'after');
        expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
      }));

    it('leaves a bot its session where it is not the session that is refused', () =>
      onStage({}, async (stage) => {
        const session = await stage.state.get('session');
        stage.server.refuse(BOT, 'API_ID_INVALID');
        const life = await stage.start();
        expect(life.gateway.health().detail).to.match(/my\.telegram\.org/);
        expect(await stage.state.get('session')).to.equal(session);
        expect(calls(stage, 'auth.importBotAuthorization')).to.equal(0);
      }));

    it('is waited out where it is a flood wait: one opening for each', () => {
      const clock = makeFixedClock(Date.now());
      return onStage({ clock }, async (stage) => {
        stage.server.faults.fail('initConnection', 'FLOOD_WAIT_30');
        const life = await stage.start();
        expect(life.gateway.health().detail).to.match(/no connection for another 30 s/);
        expect(life.lines.flatMap(({ fields }) => fields.waitMs ?? [])).to.deep.equal([30_000]);
        clock.advance(30_000);
        await life.until('connected', isUp(life));
        expect(stage.server.transports.items).to.have.length(2);
      });
    });

    it('is remembered where it is a flood wait: the next process opens nothing before its end', () => {
      const clock = makeFixedClock(Date.now());
      return onStage({ clock, account: 'user' }, async (stage) => {
        stage.server.faults.fail('initConnection', 'FLOOD_WAIT_30');
        await stage.stop(await stage.start());
        const second = await stage.start();
        expect(second.gateway.health().detail).to.match(/no connection for another 30 s/);
        expect(stage.server.transports.items).to.have.length(1);
        clock.advance(20_000);
        expect(second.gateway.health().detail, 'what is left of it').to.match(/no connection for another 10 s/);
        clock.advance(10_000);
        await second.until('connected', isUp(second));
      });
    });

    it('is as long as it is, where the clock of the machine is set back meanwhile, also by the next process', () => {
      const time = makeFixedClock(Date.now());
      let setBy = 0;
      const clock: Clock = { now: () => time.now() + setBy, elapsed: time.now, after: time.after };
      return onStage({ clock, account: 'user' }, async (stage) => {
        stage.server.faults.fail('initConnection', 'FLOOD_WAIT_30');
        await stage.stop(await stage.start());
        setBy = -60 * 60_000;
        const second = await stage.start();
        expect(second.gateway.health().detail).to.match(/no connection for another 30 s/);
        setBy = -120 * 60_000;
        expect(second.gateway.health().detail).to.match(/no connection for another 30 s/);
        time.advance(30_000);
        await second.until('connected', isUp(second));
      });
    });

    it('is waited out by a session that lives, though no sign-in is wanted for longer', () => {
      const clock = makeFixedClock(Date.now());
      return onStage({ clock, account: 'user' }, async (stage) => {
        await stage.state.set(new Map([['login-flood-until', String(clock.now() + 900_000)]]));
        stage.server.faults.fail('users.getUsers', 'FLOOD_WAIT_30');
        const life = await stage.start();
        expect(life.lines.flatMap(({ fields }) => fields.waitMs ?? [])).to.deep.equal([30_000]);
        clock.advance(30_000);
        await life.until('connected', isUp(life));
      });
    });
  });

  describe('a session that goes on from another machine', () => {
    /** The first machine's process ends, and one on the other begins with the same session. */
    const takeOver = async (stage: Stage): Promise<Life> => {
      stage.server.allowOnePlaceOnly(60_000);
      stage.server.clientsComeFrom('machine A');
      const first = await stage.start();
      await first.until('connected', isUp(first));
      await stage.stop(first);
      stage.server.clientsComeFrom('machine B');
      return stage.start();
    };

    it('may cost a bot its session: it signs in with its token, and misses nothing', () =>
      onStage({}, async (stage) => {
        const second = await takeOver(stage);
        await second.until('connected', isUp(second));
        await hello(stage, second, 'after the take-over');
        expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
      }));

    it('may log a person’s account out, and that is told with what to do', () =>
      onStage({ account: 'user' }, async (stage) => {
        const second = await takeOver(stage);
        expect(second.gateway.health().detail).to.match(/two places at once.*kept login/);
      }));
  });

  describe('losing the connection', () => {
    it('comes back after an outage, however long, with growing and capped waits', () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        await stage.server.goDown();
        const waits = () => life.lines.filter(({ fields }) => typeof fields.waitMs === 'number').map(({ fields }) => Number(fields.waitMs));
        await life.until('ten attempts', () => waits().length >= 10);
        for (const [at, waitMs] of waits().entries()) {
          const longest = Math.min(200, 20 * 2 ** at);
          expect(waitMs).to.be.within(longest / 2, longest);
        }
        expect(new Set(waits().slice(5)).size, 'chance shortens each').to.be.greaterThan(1);
        await stage.server.comeUp();
        await life.until('connected again', isUp(life));
        await hello(stage, life, 'here again');
      }));

    it('starts during an outage, says so, and connects when it is over', () =>
      onStage({}, async (stage) => {
        await stage.server.goDown();
        const life = await stage.start();
        expect(life.gateway.health().detail).to.match(/not connected/);
        await stage.server.comeUp();
        await life.until('connected', isUp(life));
        await hello(stage, life, 'hello');
      }));

    it('a connection that is open and silent is noticed, and opened anew', () =>
      onStage({ timing: { probeIntervalMs: 50, probeTimeoutMs: 150, openTimeoutMs: 600 } }, async (stage) => {
        const life = await stage.start();
        await hello(stage, life, 'before');
        stage.server.faults.silent = true;
        stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'into the silence' });
        await life.until('it is noticed', isDown(life));
        expect(logged(life)).to.match(/the connection does not answer; it is opened again/);
        stage.server.faults.silent = false;
        stage.server.cutConnections();
        await life.until('connected again', isUp(life));
        await hello(stage, life, 'after');
      }));

    it('the probe comes each 30 s by the clock', () => {
      const clock = makeFixedClock();
      return onStage({ clock, timing: { probeIntervalMs: 30_000 } }, async (stage) => {
        const life = await stage.start();
        const before = calls(stage, 'updates.getState');
        clock.advance(29_000);
        clock.advance(1_000);
        await life.until('a probe', () => calls(stage, 'updates.getState') === before + 1);
      });
    });

    it('salts that change are no loss', () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        stage.server.rotateSalt();
        await life.gateway.send(answer(-7, 'hello'));
        expect(stage.server.sent.items).to.have.length(1);
        expect(life.lines.filter(({ level }) => level === 'warn' || level === 'error')).to.deep.equal([]);
      }));

    it('Telegram’s word that too much happened leads to a difference', () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        await hello(stage, life, 'before');
        stage.server.faults.withholdUpdates(1);
        stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'unsaid' });
        stage.server.tellTooLong(BOT);
        await life.untilReceived('unsaid');
      }));
  });

  describe('a packet that is not meant for the session of the moment', () => {
    const open = async ({ server, settings }: Stage, onUpdates: (updates: Api.TypeUpdates) => void) => {
      const { dcId, host, port, authKey } = server.presetSession(BOT);
      return openLink(
        { settings, timing: { ...DEFAULT_TIMING, ...TIMING }, clock: systemClock, notice: silentNotice },
        { dcId, host, port, authKey: authKey.toString('base64') },
        { onUpdates },
      );
    };

    for (const [what, send] of [
      ['came before', (server: MtprotoServer) => server.replayPackets()],
      ['belongs to another session', (server: MtprotoServer) => server.tellTooLongInForeignSession()],
    ] as const)
      it(`is refused where it ${what}`, () =>
        onStage({ preset: false }, async (stage) => {
          const watch = makeWatch();
          let told = 0;
          const link = await open(stage, (updates) => {
            if (updates instanceof Api.UpdatesTooLong) told += 1;
            watch.changed();
          });
          const before = told;
          stage.server.tellTooLong(BOT);
          await watch.until('it is told', () => told === before + 1);
          send(stage.server);
          await link.call(new Api.updates.GetState());
          expect(told - before, 'only the one that was told').to.equal(1);
          await link.close();
        }));
  });

  describe('stopping', () => {
    const within = async (ms: number, work: () => Promise<unknown>): Promise<void> => {
      const began = Date.now();
      await work();
      expect(Date.now() - began).to.be.lessThan(ms);
    };

    it('ends a living connection at once', () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        await within(1_000, () => stage.stop(life));
        await life.until('the connection is closed', () => stage.server.connections() === 0);
      }));

    it('ends while it waits to connect again', () =>
      onStage({ timing: { reconnectFirstMs: 60_000, reconnectCapMs: 60_000 } }, async (stage) => {
        await stage.server.goDown();
        const life = await stage.start();
        await within(1_000, () => stage.stop(life));
      }));

    it('ends while a connection is being opened to somebody who never answers', () =>
      onStage({ timing: { openTimeoutMs: 60_000 } }, async (stage) => {
        const mute = createServer(() => undefined);
        mute.listen(0, '127.0.0.1');
        await once(mute, 'listening');
        const address = mute.address();
        const port = typeof address === 'object' && address ? address.port : 0;
        const connected = once(mute, 'connection');
        const life = stage.start({ settings: { ...stage.settings, dc: { address: `127.0.0.1:${port}` } } });
        const [socket] = await connected;
        const started = await Promise.race([life, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))]);
        expect(started, 'nothing is known yet').to.equal(undefined);
        await within(3_000, () => stage.stopAll());
        socket.destroy();
        mute.close();
      }));
  });
});
