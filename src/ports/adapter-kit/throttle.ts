import type { Clock } from '../clock.ts';

export interface Throttle {
  /** Acts at once, or, during a pause, when it ends. */
  run(): void;
  /** Forgets what a pause holds back. */
  stop(): void;
}

/** Calls `act`, with a pause of `pauseMs` after each call that returns true; calls during a pause make one after it. */
export const makeThrottle = (after: Clock['after'], pauseMs: number, act: () => boolean): Throttle => {
  let endPause: (() => void) | undefined;
  let isDue = false;
  const run = (): void => {
    isDue = endPause !== undefined;
    if (isDue || !act()) return;
    endPause = after(pauseMs, () => {
      endPause = undefined;
      if (isDue) run();
    });
  };
  return {
    run,
    stop: () => {
      isDue = false;
      endPause?.();
    },
  };
};
