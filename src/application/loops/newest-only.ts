import type { Clock } from '../../ports/clock.ts';

export interface NewestOnly<Value> {
  /** Replaces the value that waits, if there is one. */
  next(value: Value): void;
  /** Drops the value that waits. Nothing is handed on after this call. */
  end(): void;
}

/**
 * Hands on the newest value, one at a time and at most one in `intervalMs`; values in between are dropped. `hand`
 * resolves when it is done; it returns `undefined` to skip a value, which then takes no interval. It MUST NOT reject.
 */
export const makeNewestOnly = <Value>(
  { clock, intervalMs, firstAfterMs = 0 }: { readonly clock: Clock; readonly intervalMs: number; readonly firstAfterMs?: number },
  hand: (value: Value) => Promise<void> | undefined,
): NewestOnly<Value> => {
  let waiting: { readonly value: Value } | undefined;
  let nextAt: number | undefined;
  let isBusy = false;
  let isOver = false;
  let cancelTimer = (): void => undefined;

  const go = (): void => {
    cancelTimer();
    if (isOver || isBusy || !waiting) return;
    const now = clock.now();
    nextAt ??= now + firstAfterMs;
    if (nextAt > now) {
      cancelTimer = clock.after(nextAt - now, go);
      return;
    }
    const { value } = waiting;
    waiting = undefined;
    const handed = hand(value);
    if (!handed) return;
    isBusy = true;
    nextAt = now + intervalMs;
    void handed.finally(() => {
      isBusy = false;
      go();
    });
  };

  return {
    next: (value) => {
      waiting = { value };
      go();
    },
    end: () => {
      isOver = true;
      cancelTimer();
    },
  };
};
