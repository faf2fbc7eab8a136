import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { Api } from 'telegram/tl/index.js';
import { systemClock } from '../../../../src/adapters/system/index.ts';
import { openLink } from '../../../../src/adapters/telegram/client/link.ts';
import { DEFAULT_TIMING } from '../../../../src/adapters/telegram/client/settings.ts';
import { type Clock, silentNotice } from '../../../../src/ports/index.ts';
import { makeFixedClock } from '../../../../src/testing/index.ts';
import type { MtprotoServer } from '../../../fakes/telegram/index.ts';
import { ANN, answer, BOT, logged, makeWatch, onStage, type Stage, TIMING } from '../gateway-stage.ts';
import { calls, hello, isDown, isUp } from './connection-stage.ts';

describe('Telegram connection', () => {
  it('counts failures in a row until a connection has held for half a minute', () => {
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
});

describe('A Telegram connection that is lost', () => {
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
      expect(life.gateway.health().message).to.match(/not connected/);
      await stage.server.comeUp();
      await life.until('connected', isUp(life));
      await hello(stage, life, 'hello');
    }));

  it('is opened again where it is open and silent', () =>
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

  it('is probed every 30 s by the clock', () => {
    const clock = makeFixedClock();
    return onStage({ clock, timing: { probeIntervalMs: 30_000 } }, async (stage) => {
      const life = await stage.start();
      const before = calls(stage, 'updates.getState');
      clock.advance(29_000);
      clock.advance(1_000);
      await life.until('a probe', () => calls(stage, 'updates.getState') === before + 1);
    });
  });

  it('is not lost where salts change', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      stage.server.rotateSalt();
      await life.gateway.send(answer(-7, 'hello'));
      expect(stage.server.sent.items).to.have.length(1);
      expect(life.lines.filter(({ level }) => level === 'warn' || level === 'error')).to.deep.equal([]);
    }));

  it('asks for a difference where Telegram says that too much happened', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      await hello(stage, life, 'before');
      stage.server.faults.withholdUpdates(1);
      stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'unsaid' });
      stage.server.tellTooLong(BOT);
      await life.untilReceived('unsaid');
    }));
});

describe('A packet from Telegram that is not meant for the current session', () => {
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

describe('A Telegram gateway that is stopped', () => {
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
