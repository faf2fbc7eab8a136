import { expect } from 'chai';
import type { Clock } from '../../../../src/ports/index.ts';
import { makeFixedClock } from '../../../../src/testing/index.ts';
import { ACCOUNT, ANN, BOT, type Life, onStage, type Stage } from '../gateway-stage.ts';
import { calls, hello, isUp } from './connection-stage.ts';

describe('A refusal with which Telegram answers the opening of a connection', () => {
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
        expect(life.gateway.health().message).to.match(advice);
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
      expect(life.gateway.health().message).to.match(/my\.telegram\.org/);
      expect(await stage.state.get('session')).to.equal(session);
      expect(calls(stage, 'auth.importBotAuthorization')).to.equal(0);
    }));

  it('is waited out where it is a flood wait: one opening for each', () => {
    const clock = makeFixedClock(Date.now());
    return onStage({ clock }, async (stage) => {
      stage.server.faults.fail('initConnection', 'FLOOD_WAIT_30');
      const life = await stage.start();
      expect(life.gateway.health().message).to.match(/no connection for another 30 s/);
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
      expect(second.gateway.health().message).to.match(/no connection for another 30 s/);
      expect(stage.server.transports.items).to.have.length(1);
      clock.advance(20_000);
      expect(second.gateway.health().message, 'what is left of it').to.match(/no connection for another 10 s/);
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
      expect(second.gateway.health().message).to.match(/no connection for another 30 s/);
      setBy = -120 * 60_000;
      expect(second.gateway.health().message).to.match(/no connection for another 30 s/);
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

describe('A Telegram session that is used by another machine', () => {
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
      expect(second.gateway.health().message).to.match(/two places at once.*kept login/);
    }));
});
