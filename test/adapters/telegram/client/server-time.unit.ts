import { expect } from 'chai';
import { Api } from 'telegram/tl/index.js';
import { makeServerTime } from '../../../../src/adapters/telegram/client/server-time.ts';
import { noticesOf } from '../../../../src/ports/index.ts';
import { makeFixedClock, makeRecordingLogger } from '../../../../src/testing/index.ts';
import { logged } from '../../../support/logged.ts';

const MINUTE = 60_000;

/** This machine's clock runs with `elapsed`, and may be set anew. */
const makeStage = () => {
  const running = makeFixedClock();
  const start = running.now();
  let setAheadMs = 0;
  const logger = makeRecordingLogger();
  const clock = { ...running, now: () => running.now() + setAheadMs, elapsed: () => running.now() - start };
  return {
    serverTime: makeServerTime(clock, noticesOf(logged(logger), 'telegram')),
    words: () => logger.lines.map(({ level, message }) => `${level}: ${message}`),
    pass: running.advance,
    set: (aheadMs: number) => {
      setAheadMs = aheadMs;
    },
    /** Telegram's time, in seconds since 1970. */
    there: (offMs = 0) => Math.floor((running.now() + offMs) / 1_000),
  };
};

describe("Telegram's clock", () => {
  it('is read out of whichever answer tells it, in whole differences too, and of no other', async () => {
    const state = (date: number) => new Api.updates.State({ pts: 1, qts: 0, date, seq: 0, unreadCount: 0 });
    const parts = { newMessages: [], newEncryptedMessages: [], otherUpdates: [], chats: [], users: [] };
    for (const [answer, isTold] of [
      [(date: number) => state(date), true],
      [(date: number) => new Api.updates.DifferenceEmpty({ date, seq: 0 }), true],
      [(date: number) => new Api.updates.Difference({ ...parts, state: state(date) }), true],
      [(date: number) => new Api.updates.DifferenceSlice({ ...parts, intermediateState: state(date) }), false],
    ] as const) {
      const { serverTime, there } = makeStage();
      const call = serverTime.noting((async () => answer(there(MINUTE))) as never);
      await call(new Api.updates.GetState());
      expect(serverTime.isKnown).to.equal(isTold);
      expect(serverTime.onOurClock(10 * MINUTE)).to.equal(isTold ? 9 * MINUTE : 10 * MINUTE);
    }
  });

  it('is told of once where this one is another, and once when both agree again', () => {
    const { serverTime, words, pass, set, there } = makeStage();
    set(10 * MINUTE);
    for (let at = 0; at < 3; at++, pass(MINUTE)) serverTime.note(there());
    expect(words()).to.deep.equal(["warn: this machine's clock is ahead of the platform's: set it by a time server"]);
    set(0);
    for (let at = 0; at < 3; at++, pass(MINUTE)) serverTime.note(there());
    expect(words().slice(1)).to.deep.equal(["info: this machine's clock agrees with the platform's again"]);
  });

  it('is not moved by how long an answer takes, and is by an answer that differs from it', () => {
    const { serverTime, pass, there } = makeStage();
    serverTime.note(there(5 * MINUTE));
    expect(serverTime.onOurClock(10 * MINUTE)).to.equal(5 * MINUTE);
    pass(MINUTE);
    serverTime.note(there(5 * MINUTE - 9_000));
    expect(serverTime.onOurClock(10 * MINUTE)).to.equal(5 * MINUTE);
    // The first one was long on its way.
    serverTime.note(there(6 * MINUTE));
    expect(serverTime.onOurClock(10 * MINUTE)).to.equal(4 * MINUTE);
  });
});
