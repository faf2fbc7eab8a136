import { pause } from '../../ports/adapter-kit/pause.ts';
import type { Clock } from '../../ports/clock.ts';

const SECOND_MS = 1_000;

/** Resolves when a further request may begin; at once when `signal` aborts. */
export type Pace = (signal: AbortSignal) => Promise<void>;

/** At most so many requests begin in any second, in the order in which they were asked for. */
export const makePace = (clock: Pick<Clock, 'now' | 'after'>, perSecond: number): Pace => {
  /** When the last ones begin, the earliest first. */
  let begun: readonly number[] = [];
  return async (signal) => {
    const now = clock.now();
    const oldest = begun.length < perSecond ? undefined : begun[0];
    // A clock that was put back makes nobody wait for longer than its turn.
    const at = oldest === undefined ? now : Math.min(Math.max(now, oldest + SECOND_MS), now + begun.length * SECOND_MS);
    begun = [...begun, at].slice(-perSecond);
    if (at > now) await pause(clock, at - now, signal);
  };
};
