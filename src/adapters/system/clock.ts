import type { Clock } from '../../ports/index.ts';

/** A timer of Node holds no more (2^31 - 1 ms, 24.8 days); a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. Its timers never keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, action) => {
    let timer: NodeJS.Timeout;
    const wait = (remaining: number) => {
      const step = Math.min(Math.max(0, remaining), LONGEST_TIMER_MS);
      timer = setTimeout(() => (remaining > step ? wait(remaining - step) : action()), step).unref();
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};
