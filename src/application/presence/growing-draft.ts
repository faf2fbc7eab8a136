import type { Clock } from '../../ports/clock.ts';

/** Only an answer that takes longer than this to grow is shown before it is done. */
const FIRST_MS = 1_500;

/**
 * Shows a text that grows: the newest of it, `intervalMs` apart at the least, one after the other. Where there is no
 * interval, each at once. `show` must not reject.
 */
export const makeGrowingDraft = (
  { clock, intervalMs }: { readonly clock: Clock; readonly intervalMs: number },
  show: (text: string) => Promise<void>,
) => {
  let newest: (() => string) | undefined;
  let shown = '';
  let nextAt: number | undefined;
  let busy = false;
  let over = false;
  let cancelTimer: (() => void) | undefined;

  const next = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (over || busy || !newest) return;
    const now = clock.now();
    nextAt ??= now + Math.min(FIRST_MS, intervalMs);
    if (nextAt > now) {
      cancelTimer = clock.after(nextAt - now, next);
      return;
    }
    const text = newest();
    newest = undefined;
    if (text === shown) return;
    busy = true;
    shown = text;
    nextAt = now + intervalMs;
    void show(shown).finally(() => {
      busy = false;
      next();
    });
  };

  return {
    grow: (text: () => string): void => {
      newest = text;
      next();
    },
    end: (): void => {
      over = true;
      cancelTimer?.();
    },
  };
};
