import { expect } from 'chai';
import { systemClock } from '../../../../src/adapters/system/index.ts';
import type { Clock } from '../../../../src/ports/index.ts';
import { ANN, BOT, type Life, onStage } from '../gateway-stage.ts';

const MINUTE = 60_000;
/** What an answer takes on its way, and what is cut off of whole seconds. */
const NEAR_MS = 10_000;

/** The machine's clock, set wrong by `wrongMs`; it may be set anew while it runs. */
const wrongClock = (wrongMs: number) => {
  const setting = { wrongMs };
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + setting.wrongMs };
  return { setting, clock };
};
const ageOf = (life: Life, clock: Clock, text: string): number =>
  clock.now() - (life.received.find((message) => message.text === text)?.sentAt ?? 0);

describe("A machine whose clock is not Telegram's", () => {
  for (const minutes of [10, -10, 120, 0])
    it(`by ${minutes} minutes takes no new message for an old one, and no old one for new`, () => {
      const { clock } = wrongClock(minutes * MINUTE);
      return onStage({ clock }, async ({ server, start, stop }) => {
        const first = await start();
        server.world.sendMessage({ from: ANN, chat: BOT, text: 'now' });
        await first.untilReceived('now');
        expect(ageOf(first, clock, 'now')).to.be.within(-NEAR_MS, NEAR_MS);
        await stop(first);
        const date = Math.floor(Date.now() / 1_000) - 30 * 60;
        server.world.sendMessage({ from: ANN, chat: BOT, text: 'half an hour ago', date });
        server.world.sendMessage({ from: ANN, chat: BOT, text: 'while it was away' });
        const second = await start();
        await second.untilReceived('half an hour ago', 'while it was away');
        expect(ageOf(second, clock, 'half an hour ago')).to.be.within(30 * MINUTE - NEAR_MS, 30 * MINUTE + NEAR_MS);
        expect(ageOf(second, clock, 'while it was away')).to.be.within(-NEAR_MS, NEAR_MS);
        const warned = second.lines.some(({ level, message }) => level === 'warn' && message.includes('clock is'));
        expect(warned).to.equal(minutes !== 0);
      });
    });

  for (const minutes of [15, -15])
    it(`as it is set by ${minutes} minutes while connected takes no new message for an old one`, () => {
      const { setting, clock } = wrongClock(0);
      return onStage({ clock }, async ({ server, start }) => {
        const life = await start();
        server.world.sendMessage({ from: ANN, chat: BOT, text: 'before' });
        await life.untilReceived('before');
        setting.wrongMs = minutes * MINUTE;
        server.world.sendMessage({ from: ANN, chat: BOT, text: 'after' });
        await life.untilReceived('after');
        expect(ageOf(life, clock, 'after')).to.be.within(-NEAR_MS, NEAR_MS);
      });
    });

  it('gives edits their time on its own clock, too', () => {
    const { clock } = wrongClock(10 * MINUTE);
    return onStage({ clock }, async ({ server, start }) => {
      const life = await start();
      const message = server.world.sendMessage({ from: ANN, chat: BOT, text: 'one' });
      await life.untilReceived('one');
      server.world.editMessage(message, 'two');
      await life.untilReceived('two');
      const edited = life.received.find(({ text }) => text === 'two');
      expect(clock.now() - (edited?.editedAt ?? 0)).to.be.within(-NEAR_MS, NEAR_MS);
      expect([edited?.sentAt, edited?.editedAt].every(Number.isInteger)).to.equal(true);
    });
  });
});
