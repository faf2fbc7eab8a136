import type { MeasuredKind } from '../../domain/stats/measurements.ts';
import type { StatsRow } from '../../domain/stats/stats-row.ts';

/** What is asked about: what was measured after `since`, up to `until`. */
export interface StatsQuery {
  /** In ms since 1970. Default: a day before `until`. */
  readonly since?: number;
  /** Default: now. */
  readonly until?: number;
  /** Only that kind. Default: each. */
  readonly by?: MeasuredKind;
}

export interface StatsReport {
  readonly since: number;
  readonly until: number;
  /** Kinds in the order of `MEASURED_KINDS`, and within a kind the most frequent name first. */
  readonly rows: readonly StatsRow[];
}

/**
 * How often things were done, how often they worked, and how long they took, over all processes. What the last minute
 * brought may be missing: a process stores what it measures once a minute. What is older than two hours is kept by
 * whole hours: an hour of which only a part was asked about counts whole. Rejects with PortError.
 */
export type ReportStats = (query: StatsQuery) => Promise<StatsReport>;
