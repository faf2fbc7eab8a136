import type { Clock } from '../../ports/clock.ts';
import { makeFloodThrottle } from './flood-throttle.ts';

/**
 * Lets the first refusal of a kind through, and counts those that follow by rule; `more` is told the counts when the
 * window ends, however many strangers write. Every denied message stands in the inbox all the same.
 */
export const makeDenialThrottle = <Kind extends string>(
  clock: Pick<Clock, 'after'>,
  more: (kind: Kind, refused: Readonly<Record<string, number>>, seconds: number) => void,
): ((kind: Kind, rule: string) => boolean) => {
  const refused = new Map<Kind, Map<string, number>>();
  const passes = makeFloodThrottle<Kind>(clock, {
    most: 1,
    more: (kind, _count, seconds) => {
      // There are few kinds: each is known by its name.
      if (kind === undefined) return;
      const counts = refused.get(kind) ?? new Map<string, number>();
      refused.delete(kind);
      more(kind, Object.fromEntries(counts), seconds);
    },
  });
  return (kind, rule) => {
    if (passes(kind)) return true;
    const counts = refused.get(kind) ?? new Map<string, number>();
    refused.set(kind, counts.set(rule, (counts.get(rule) ?? 0) + 1));
    return false;
  };
};
