import type { Clock } from '../ports/index.ts';
import { START } from './builders.ts';

export interface FixedClock extends Clock {
  /** Moves time on, and fires what falls due on the way: in the order of their times, each at its own. */
  advance(ms: number): void;
  /** How many timers are set and not yet fired. */
  readonly timers: number;
  /** Resolves to the time of the earliest timer, as soon as there is one. */
  untilTimer(): Promise<number>;
}

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

/** A clock that stands still until it is told to move on. `start` is in ms since 1970. */
export const makeFixedClock = (start: number = START): FixedClock => {
  let now = start;
  const timers = new Set<Timer>();
  const waiting: (() => void)[] = [];

  /** The first set of the earliest ones. */
  const earliest = (): Timer | undefined =>
    [...timers].reduce<Timer | undefined>((first, timer) => (first && first.at <= timer.at ? first : timer), undefined);

  return {
    now: () => now,
    after: (ms, action) => {
      const timer = { at: now + Math.max(0, ms), action };
      timers.add(timer);
      for (const resolve of waiting.splice(0)) resolve();
      return () => {
        timers.delete(timer);
      };
    },
    advance: (ms) => {
      const end = now + ms;
      for (let timer = earliest(); timer && timer.at <= end; timer = earliest()) {
        timers.delete(timer);
        now = timer.at;
        timer.action();
      }
      now = end;
    },
    get timers() {
      return timers.size;
    },
    untilTimer: async () => {
      for (;;) {
        const timer = earliest();
        if (timer) return timer.at;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
};
