export type HealthStatus = 'ok' | 'degraded' | 'down';

/** One thing that was looked at. */
export interface HealthCheck {
  readonly name: string;
  readonly status: HealthStatus;
  /** What was found, and what to do when it is not well. */
  readonly detail: string;
}

export interface HealthReport {
  readonly status: HealthStatus;
  readonly checks: readonly HealthCheck[];
}

/** As well as the least well of its parts. */
export const summarise = (checks: readonly HealthCheck[]): HealthReport => {
  const worst = (status: HealthStatus): boolean => checks.some((check) => check.status === status);
  return { status: worst('down') ? 'down' : worst('degraded') ? 'degraded' : 'ok', checks };
};
