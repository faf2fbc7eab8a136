import type { HealthReport, HealthStatus } from '../../domain/health/health.ts';
import type { Readiness } from '../../domain/health/readiness.ts';
import type { StatsRow } from '../../domain/stats/stats-row.ts';
import type { ProbeDepth } from '../health-probe.ts';

/** Looks at everything that Kept needs, to that depth. Never rejects; ends within the limits of the probes. */
export type CheckSystem = (depth: ProbeDepth) => Promise<HealthReport>;

/** Whether this process can answer people, and store. Never rejects. */
export type CheckReadiness = () => Promise<Readiness>;

/** The report of the whole system; `deep` also asks each agent, which costs money. Never rejects. */
export type ReportSystem = (options: { readonly deep: boolean }) => Promise<SystemReport>;

export interface SystemReport {
  /** In ms since 1970. */
  readonly at: number;
  readonly status: HealthStatus;
  readonly agents: readonly AgentReport[];
  /** By name. */
  readonly services: ReadonlyMap<string, ServiceReport>;
  /** What was measured in the last hour. */
  readonly performance: readonly StatsRow[];
}

/** How an agent answered a test question. */
export interface AgentReport {
  readonly name: string;
  /** `skipped`: it was not asked since this process started. */
  readonly status: HealthStatus | 'skipped';
  /** When it was asked, in ms since 1970. */
  readonly checkedAt?: number;
  readonly responseMs?: number;
  /** The beginning of its answer, where it gave one. */
  readonly reply?: string;
  readonly error?: string;
}

export type ServiceStatus = 'available' | 'degraded' | 'unavailable' | 'skipped';

export interface ServiceReport {
  readonly status: ServiceStatus;
  /** Where it is available. */
  readonly latencyMs?: number;
  /** Where it is not. */
  readonly error?: string;
}
