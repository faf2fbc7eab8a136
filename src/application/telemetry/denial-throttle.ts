import type { EventOf } from '../../domain/events/event.ts';
import type { Clock } from '../../ports/clock.ts';

/** The log gets at most one line in this time, however many strangers write. */
const WINDOW_MS = 30_000;

type Level = 'warn' | 'error';
type Rule = EventOf<'message-denied'>['rule'];

/**
 * Lets the first denial of a level through, and counts those that follow by rule; `more` is told the counts when the
 * window ends. Every denial stands in the inbox all the same.
 */
export const makeDenialThrottle = (
  clock: Pick<Clock, 'after'>,
  more: (level: Level, denied: Readonly<Record<string, number>>, seconds: number) => void,
): ((level: Level, rule: Rule) => boolean) => {
  const windows = new Map<Level, Map<Rule, number>>();

  const open = (level: Level): void => {
    windows.set(level, new Map());
    clock.after(WINDOW_MS, () => close(level));
  };
  const close = (level: Level): void => {
    const counts = windows.get(level) ?? new Map<Rule, number>();
    windows.delete(level);
    if (counts.size === 0) return;
    more(level, Object.fromEntries(counts), WINDOW_MS / 1_000);
    open(level);
  };

  return (level, rule) => {
    const counts = windows.get(level);
    if (!counts) {
      open(level);
      return true;
    }
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
    return false;
  };
};
