import type { HealthCheck } from './health.ts';

/** Whether a process can answer people, and store what it decides. */
export interface Readiness {
  readonly ready: boolean;
  /** What is in the way. */
  readonly reasons: readonly string[];
}

/** What must not fail, by the ids of checks. */
const NEEDED = /^(storage\.database|storage\.disk|gateway\.[^.-]+)$/;
/** A bot that stands by is ready to take over; it is not while nobody is known to lead. */
const LEADER = 'process.leader';

export const readinessOf = (checks: readonly HealthCheck[]): Readiness => {
  const inTheWay = checks.filter(({ id, status }) => (status === 'fail' && NEEDED.test(id)) || (id === LEADER && isUnwell(status)));
  return { ready: inTheWay.length === 0, reasons: inTheWay.map(({ id, message }) => `${id}: ${message}`) };
};

const isUnwell = (status: HealthCheck['status']): boolean => status === 'fail' || status === 'warn';
