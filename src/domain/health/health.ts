/** `skipped`: it was not looked at, and the message says why. */
export type CheckStatus = 'ok' | 'warn' | 'fail' | 'skipped';

/** One thing that was looked at. */
export interface HealthCheck {
  /** `area.name`, such as `storage.disk`; stable from version to version. */
  readonly id: string;
  readonly status: CheckStatus;
  /** What was found. */
  readonly message: string;
  /** A file, variable, address or chat. */
  readonly where?: string;
  /** What to do about it; present where it is not well and somebody can mend it. */
  readonly fixHint?: string;
}

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

export interface HealthReport {
  readonly status: HealthStatus;
  readonly checks: readonly HealthCheck[];
}

/** As well as the least well of its parts. What was skipped does not count. */
export const summarise = (checks: readonly HealthCheck[]): HealthReport => {
  const has = (status: CheckStatus): boolean => checks.some((check) => check.status === status);
  return { status: has('fail') ? 'unhealthy' : has('warn') ? 'degraded' : 'healthy', checks };
};
