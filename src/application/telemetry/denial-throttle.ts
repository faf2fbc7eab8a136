import type { Clock } from '../../ports/clock.ts';
import { makeFloodThrottle } from './flood-throttle.ts';

export interface DenialThrottle<Kind> {
  /** Whether the line of that refusal may be written; else it is counted. */
  passes(kind: Kind, rule: string): boolean;
  /** Tells the counts so far. */
  flush(): void;
}

/**
 * Lets the first refusal of a kind through, and counts those that follow by rule; `onSuppressed` gets the counts when
 * the window ends, however many strangers write. Every denied message stands in the inbox all the same.
 */
export const makeDenialThrottle = <Kind extends string>(
  clock: Pick<Clock, 'after' | 'now'>,
  onSuppressed: (kind: Kind, refused: Readonly<Record<string, number>>, seconds: number) => void,
): DenialThrottle<Kind> => {
  const refused = new Map<Kind, Map<string, number>>();
  const throttle = makeFloodThrottle<Kind>(clock, {
    maxLines: 1,
    onSuppressed: (kind, _count, seconds) => {
      // There are few kinds: each is known by its name.
      if (kind === undefined) return;
      const counts = refused.get(kind) ?? new Map<string, number>();
      refused.delete(kind);
      onSuppressed(kind, Object.fromEntries(counts), seconds);
    },
  });
  return {
    passes: (kind, rule) => {
      if (throttle.passes(kind)) return true;
      const counts = refused.get(kind) ?? new Map<string, number>();
      refused.set(kind, counts.set(rule, (counts.get(rule) ?? 0) + 1));
      return false;
    },
    flush: throttle.flush,
  };
};
