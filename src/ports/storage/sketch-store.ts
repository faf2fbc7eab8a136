import type { Measurements } from '../../domain/stats/measurements.ts';

/** Measurements as they are stored: `isMerged` where they are those of a whole hour, over processes. */
export interface StoredMeasurements extends Measurements {
  readonly isMerged: boolean;
}

/** What every process measured, over the last days. */
export interface SketchStore {
  /** Stores measurements. MUST change nothing where any are stored under that id: a caller may repeat itself. */
  add(measurements: StoredMeasurements): Promise<void>;
  /**
   * Those whose `until` is later than `after` and at most `upTo`, ordered by `until`, then by id; at most `limit`, from
   * behind that pair. What a later version wrote is left out, here and below.
   */
  between(query: {
    readonly after: number;
    readonly upTo: number;
    readonly limit: number;
    readonly behind?: { readonly until: number; readonly id: string };
  }): Promise<{ readonly found: readonly Measurements[]; readonly next?: { readonly until: number; readonly id: string } }>;
  /**
   * Deletes what is not merged yet and was measured up to then, oldest first, at most `limit`, and resolves to it. In a
   * unit of work that also adds what it is merged into, nothing is lost or counted twice.
   */
  takeUnmerged(query: { readonly upTo: number; readonly limit: number }): Promise<readonly Measurements[]>;
  /**
   * Deletes at most `limit` of those before `before` or later than `after`, whatever version wrote them. Resolves to
   * how many.
   */
  purge(query: { readonly before: number; readonly after: number; readonly limit: number }): Promise<number>;
}
