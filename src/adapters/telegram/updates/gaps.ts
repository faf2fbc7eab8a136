import type { Clock } from '../../../ports/index.ts';
import type { NumberedUpdate } from './updates.ts';

interface Gap {
  readonly early: NumberedUpdate[];
  readonly cancel: () => void;
}

/**
 * Updates that came too early: they may be in time when those before them come, in a moment; else `fetch` is called.
 */
export const makeGaps = (clock: Clock, patienceMs: number, fetch: (sequence: string) => void) => {
  const gaps = new Map<string, Gap>();

  const end = (sequence: string): readonly NumberedUpdate[] => {
    const gap = gaps.get(sequence);
    gap?.cancel();
    gaps.delete(sequence);
    return gap?.early.toSorted((a, b) => a.pts - b.pts) ?? [];
  };

  return {
    has: (sequence: string): boolean => gaps.has(sequence),
    add: (part: NumberedUpdate): void => {
      const { stream: sequence } = part;
      const gap = gaps.get(sequence);
      if (gap) gap.early.push(part);
      else gaps.set(sequence, { early: [part], cancel: clock.after(patienceMs, () => fetch(sequence)) });
    },
    /** Gives what was early in that stream, in order. */
    end,
    endAll: (): void => {
      for (const sequence of [...gaps.keys()]) end(sequence);
    },
  };
};

export type Gaps = ReturnType<typeof makeGaps>;
