import type { ChangeFeed } from '../change-feed.ts';
import type { Clock } from '../clock.ts';

/** So often listeners are called even if nothing has changed: a hint that was lost costs no more time than this. */
const POLL_MS = 1_000;

export interface ChangeListeners extends ChangeFeed {
  /** Calls every listener in a moment. Calls at the same moment make one hint. */
  notify(): void;
  /** Calls no listener any more. */
  close(): void;
}

/**
 * The listeners of a change feed. While there are any, they are called once a second, after `onPoll`, whatever else
 * happens.
 */
export const makeChangeListeners = ({
  after,
  onPoll,
}: {
  readonly after: Clock['after'];
  readonly onPoll?: () => void;
}): ChangeListeners => {
  const subscriptions = new Set<{ readonly listener: () => void }>();
  let stopPolling: (() => void) | undefined;
  let notifying = false;
  let closed = false;

  const callAll = (): void => {
    for (const subscription of subscriptions)
      queueMicrotask(() => {
        if (subscriptions.has(subscription)) subscription.listener();
      });
  };
  const notify = (): void => {
    if (notifying) return;
    notifying = true;
    queueMicrotask(() => {
      notifying = false;
      callAll();
    });
  };
  const poll = (): void => {
    stopPolling = after(POLL_MS, () => {
      poll();
      onPoll?.();
      callAll();
    });
  };

  return {
    notify,
    subscribe: (listener) => {
      const subscription = { listener };
      if (closed) return () => undefined;
      subscriptions.add(subscription);
      if (subscriptions.size === 1) poll();
      return () => {
        if (subscriptions.delete(subscription) && subscriptions.size === 0) stopPolling?.();
      };
    },
    close: () => {
      closed = true;
      subscriptions.clear();
      stopPolling?.();
    },
  };
};
