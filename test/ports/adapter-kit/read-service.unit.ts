import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { readService } from '../../../src/ports/adapter-kit/read-service.ts';
import { PortError, type PortErrorCode } from '../../../src/ports/port-error.ts';
import { makeFixedClock } from '../../../src/testing/fixed-clock.ts';
import { failureOf } from '../../support/failure-of.ts';

const refusal = (code: PortErrorCode, retryAfterMs?: number): PortError =>
  new PortError(code, 'it said no', { retryable: true, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

describe('readService', () => {
  /** Each wait as it is asked for, in ms; time moves on at once. */
  const waitsOf = async (refusals: readonly PortError[]) => {
    const clock = makeFixedClock();
    const waits: number[] = [];
    const timed = {
      now: clock.now,
      after: (ms: number, action: () => void) => {
        if (ms === 10_000) return () => undefined;
        waits.push(ms);
        queueMicrotask(action);
        return () => undefined;
      },
    };
    let asked = 0;
    const answer = readService(
      async () => {
        const refused = refusals[asked++];
        if (refused) throw refused;
        return 'the answer';
      },
      { who: 'It', clock: timed, signal: new AbortController().signal },
    );
    return { waits, asked: () => asked, outcome: await answer.catch((error: unknown) => error) };
  };

  it('waits longer each time, and as long as it is asked to', async () => {
    expect(await waitsOf([refusal('unavailable'), refusal('unavailable')])).to.deep.include({ waits: [250, 500], outcome: 'the answer' });
    expect((await waitsOf([refusal('rate-limited', 1_500)])).waits).to.deep.equal([1_500]);
  });

  it('leaves alone who asks for a longer pause, and says for how long', async () => {
    const { waits, asked, outcome } = await waitsOf([refusal('rate-limited', 90_000)]);
    expect([waits, asked()]).to.deep.equal([[], 1]);
    expect(outcome).to.include({ code: 'rate-limited', retryAfterMs: 90_000, message: 'it said no; it asks for a pause of 90 s' });
  });

  it('gives up after the third request, and at once where asking again is no use', async () => {
    const busy = await waitsOf([1, 2, 3, 4].map(() => refusal('unavailable')));
    expect([busy.asked(), busy.outcome]).to.deep.include.members([3]);
    for (const code of ['malformed-reply', 'invalid-request', 'unauthorised', 'timeout'] as const)
      expect((await waitsOf([refusal(code)])).asked(), code).to.equal(1);
  });

  it('ends at an abort in the wait for the next request, and leaves no timer', async () => {
    const clock = makeFixedClock();
    const quit = new AbortController();
    const failed = failureOf(
      readService(() => Promise.reject(refusal('unavailable', 2_000)), {
        who: 'It',
        clock,
        signal: quit.signal,
        patience: { attemptMs: 60_000 },
      }),
    );
    const isWaiting = async (): Promise<boolean> => (await clock.untilTimer()) - clock.now() === 2_000;
    while (!(await isWaiting())) await setImmediate();
    quit.abort();
    expect(await failed).to.include({ code: 'aborted', message: 'the call to It was aborted' });
    expect(clock.timers).to.equal(0);
  });

  it('ends a request that takes too long, and tells it from an abort', async () => {
    const clock = makeFixedClock();
    const silent = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))));
    const failed = failureOf(readService(silent, { who: 'It', clock, signal: new AbortController().signal }));
    clock.advance(10_000);
    expect(await failed).to.include({ code: 'timeout', message: 'It did not give its whole answer within 10 s' });
  });
});
