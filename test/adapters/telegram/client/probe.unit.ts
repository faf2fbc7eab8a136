import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { Api } from 'telegram/tl/index.js';
import type { Link } from '../../../../src/adapters/telegram/client/link.ts';
import { probe } from '../../../../src/adapters/telegram/client/probe.ts';
import { DEFAULT_TIMING, type TelegramBase } from '../../../../src/adapters/telegram/client/settings.ts';
import { PortError, silentNotice } from '../../../../src/ports/index.ts';
import { makeFixedClock } from '../../../../src/testing/index.ts';

const { probeIntervalMs } = DEFAULT_TIMING;
const STATE = new Api.updates.State({ pts: 1, qts: 0, date: 1, seq: 0, unreadCount: 0 });

/** A connection whose state is asked for; each answer is `answer`, told the number of the call. */
const makeStage = (answer: (call: number) => Api.updates.State) => {
  const clock = makeFixedClock();
  const ends: unknown[] = [];
  const told: unknown[] = [];
  let calls = 0;
  const link = {
    call: async () => answer(++calls),
    close: async (end: unknown) => void ends.push(end),
  } as unknown as Link;
  const base = { clock, timing: DEFAULT_TIMING, notice: silentNotice } as unknown as TelegramBase;
  const stop = probe(base, link, (state) => told.push(state));
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await turn();
  };
  return { ends, told, pass, stop, calls: () => calls };
};

describe('The probe of a Telegram connection', () => {
  it('asks now and then, and not before a flood wait is over', async () => {
    const retryAfterMs = 3 * probeIntervalMs;
    const { pass, calls, ends, told } = makeStage((call) => {
      if (call === 2) throw new PortError('rate-limited', 'FLOOD_WAIT', { retryable: true, retryAfterMs });
      return STATE;
    });
    await pass(probeIntervalMs);
    await pass(probeIntervalMs);
    expect([calls(), told.length, ends]).to.deep.equal([2, 1, []]);
    await pass(retryAfterMs - 1);
    expect(calls()).to.equal(2);
    await pass(1);
    expect([calls(), told.length, ends]).to.deep.equal([3, 2, []]);
  });

  it('closes a connection that does not answer, and asks no more', async () => {
    const { pass, calls, ends } = makeStage(() => {
      throw new PortError('timeout', 'nothing came', { retryable: true });
    });
    await pass(probeIntervalMs);
    await pass(10 * probeIntervalMs);
    expect([calls(), ends]).to.deep.equal([1, ['lost']]);
  });

  it('ends when it is told to', async () => {
    const { pass, calls, stop } = makeStage(() => STATE);
    stop();
    await pass(10 * probeIntervalMs);
    expect(calls()).to.equal(0);
  });
});
