import type { Clock } from '../../ports/clock.ts';

/** The log gets at most one line of a kind in this time, however many strangers write. */
const WINDOW_MS = 30_000;

/**
 * Lets the first refusal of a kind through, and counts those that follow by rule; `more` is told the counts when the
 * window ends. Every denied message stands in the inbox all the same.
 */
export const makeDenialThrottle = <Kind extends string>(
  clock: Pick<Clock, 'after'>,
  more: (kind: Kind, refused: Readonly<Record<string, number>>, seconds: number) => void,
): ((kind: Kind, rule: string) => boolean) => {
  const windows = new Map<Kind, Map<string, number>>();

  const open = (kind: Kind): void => {
    windows.set(kind, new Map());
    clock.after(WINDOW_MS, () => close(kind));
  };
  const close = (kind: Kind): void => {
    const counts = windows.get(kind) ?? new Map<string, number>();
    windows.delete(kind);
    if (counts.size === 0) return;
    more(kind, Object.fromEntries(counts), WINDOW_MS / 1_000);
    open(kind);
  };

  return (kind, rule) => {
    const counts = windows.get(kind);
    if (!counts) {
      open(kind);
      return true;
    }
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
    return false;
  };
};
