import type { ChangeFeed, Clock } from '../../ports/index.ts';

/** The longest that a listener waits for a hint. */
const SAFETY_NET_MS = 1_000;

export interface MemoryChangeFeed extends ChangeFeed {
  /** Tells every listener, soon: calls at the same moment make one hint. */
  changed(): void;
}

/** A change feed for one process. `after` is a clock's; by default real timers that keep no process alive. */
export const makeMemoryChangeFeed = (after: Clock['after'] = realAfter): MemoryChangeFeed => {
  const listeners = new Set<{ readonly listener: () => void }>();
  let stopTimer: (() => void) | undefined;
  let telling = false;

  const tell = (): void => {
    for (const subscription of listeners)
      queueMicrotask(() => {
        if (listeners.has(subscription)) subscription.listener();
      });
  };
  const watch = (): void => {
    stopTimer = after(SAFETY_NET_MS, () => {
      watch();
      tell();
    });
  };
  return {
    changed: () => {
      if (telling) return;
      telling = true;
      queueMicrotask(() => {
        telling = false;
        tell();
      });
    },
    subscribe: (listener) => {
      const subscription = { listener };
      listeners.add(subscription);
      if (listeners.size === 1) watch();
      return () => {
        if (!listeners.delete(subscription) || listeners.size > 0) return;
        stopTimer?.();
      };
    },
  };
};

const realAfter: Clock['after'] = (ms, action) => {
  const timer = setTimeout(action, ms);
  timer.unref();
  return () => clearTimeout(timer);
};
