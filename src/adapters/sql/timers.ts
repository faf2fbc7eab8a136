import type { Clock } from '../../ports/index.ts';

/** A timer that keeps no process alive. */
export const after: Clock['after'] = (ms, action) => {
  const timer = setTimeout(action, ms).unref();
  return () => clearTimeout(timer);
};
