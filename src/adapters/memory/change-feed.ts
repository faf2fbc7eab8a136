import { makeChangeListeners } from '../../ports/adapter-kit/change-listeners.ts';
import type { ChangeFeed, Clock } from '../../ports/index.ts';

export interface MemoryChangeFeed extends ChangeFeed {
  /** Calls every listener in a moment. Calls at the same moment make one hint. */
  changed(): void;
}

/** A change feed for one process. `after` is a clock's; the default timers are real, and keep no process alive. */
export const makeMemoryChangeFeed = (after: Clock['after'] = realAfter): MemoryChangeFeed => {
  const { subscribe, notify } = makeChangeListeners({ after });
  return { subscribe, changed: notify };
};

const realAfter: Clock['after'] = (ms, action) => {
  const timer = setTimeout(action, ms);
  timer.unref();
  return () => clearTimeout(timer);
};
