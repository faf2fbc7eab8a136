import type { Clock } from '../../../ports/index.ts';
import type { NumberedUpdate } from './updates.ts';

interface Gap {
  readonly early: NumberedUpdate[];
  readonly cancel: () => void;
}

/**
 * Holds updates that came too early, until those before them come. If these do not come in a moment, calls `fetch`.
 */
export const makeGaps = (clock: Clock, patienceMs: number, fetch: (stream: string) => void) => {
  const gaps = new Map<string, Gap>();

  const end = (stream: string): readonly NumberedUpdate[] => {
    const gap = gaps.get(stream);
    gap?.cancel();
    gaps.delete(stream);
    return gap?.early.toSorted((a, b) => a.pts - b.pts) ?? [];
  };

  return {
    has: (stream: string): boolean => gaps.has(stream),
    add: (part: NumberedUpdate): void => {
      const { stream } = part;
      const gap = gaps.get(stream);
      if (gap) gap.early.push(part);
      else gaps.set(stream, { early: [part], cancel: clock.after(patienceMs, () => fetch(stream)) });
    },
    /** Ends the wait in that stream, and returns what was held, in order. */
    end,
    endAll: (): void => {
      for (const stream of [...gaps.keys()]) end(stream);
    },
  };
};

export type Gaps = ReturnType<typeof makeGaps>;
