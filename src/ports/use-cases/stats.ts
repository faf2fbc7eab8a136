import type { MicroUsd } from '../../domain/budget/money.ts';
import type { MeasuredKind } from '../../domain/stats/measurements.ts';
import type { KindSeries, LevelSeries } from '../../domain/stats/series.ts';
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

/** Over which time: from `since` up to `until`. */
export interface SeriesQuery {
  /** In ms since 1970. Default: a day before `until`. Earlier than measurements are kept counts as their beginning. */
  readonly since?: number;
  /** Default: now. */
  readonly until?: number;
}

/** How things went over time. Each list has an entry for each step; there are at most 200 steps. */
export interface SeriesReport {
  /** When the first step begins, at or before what was asked; in ms since 1970. */
  readonly since: number;
  readonly until: number;
  /** A minute within the last hour and the one before it; else an hour. */
  readonly stepMs: number;
  readonly kinds: readonly KindSeries[];
  /** What waits, and what is under way: `promises.pending`, `outbox.pending` and so on. */
  readonly levels: readonly LevelSeries[];
  /** What calls cost that began in the step; undefined where there were none. */
  readonly costs: readonly (MicroUsd | undefined)[];
  readonly calls: readonly number[];
}

/**
 * How often things were done and how long they took, what waited and what it all cost, over time. Rejects with
 * PortError.
 */
export type ReportSeries = (query: SeriesQuery) => Promise<SeriesReport>;
