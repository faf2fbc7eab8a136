import { present } from '../../../src/domain/shared/present.ts';
import type { ModelEvent } from '../../../src/ports/language-model.ts';
import { PortError, type PortErrorCode } from '../../../src/ports/port-error.ts';
import type { makeFixedClock } from '../../../src/testing/fixed-clock.ts';

export const RETRYABLE: readonly PortErrorCode[] = ['unavailable', 'rate-limited', 'timeout', 'malformed-reply'];
export const failing = (code: PortErrorCode, retryAfterMs?: number): PortError =>
  new PortError(code, `it was ${code}`, { retryable: RETRYABLE.includes(code), ...present({ retryAfterMs }) });
export const types = (events: readonly ModelEvent[]): string[] => events.map(({ type }) => type);

/** Moves time on whenever somebody waits, and tells how long they waited. */
export const runAlong = async <T>(clock: ReturnType<typeof makeFixedClock>, work: Promise<T>): Promise<{ result: T; waits: number[] }> => {
  const waits: number[] = [];
  let over = false;
  const done = work.finally(() => {
    over = true;
  });
  for (;;) {
    await Promise.race([done, clock.untilTimer()]);
    if (over) return { result: await done, waits };
    const wait = (await clock.untilTimer()) - clock.now();
    waits.push(wait);
    clock.advance(wait);
  }
};
