import type { CheckStatus, HealthCheck } from './health.ts';

/** Whether a process can answer people, and store what it decides. */
export interface Readiness {
  readonly ready: boolean;
  /** What is in the way. */
  readonly reasons: readonly string[];
}

/** What was found, and from how bad a finding on a process is not ready. Absent: it is ready whatever was found. */
export interface ReadinessReading {
  readonly check: HealthCheck;
  readonly unreadyFrom?: UnreadyFrom;
}

export type UnreadyFrom = Extract<CheckStatus, 'warn' | 'fail'>;

export const readinessOf = (readings: readonly ReadinessReading[]): Readiness => {
  const inTheWay = readings.filter(({ check, unreadyFrom }) => unreadyFrom !== undefined && UNREADY[unreadyFrom].includes(check.status));
  return { ready: inTheWay.length === 0, reasons: inTheWay.map(({ check: { id, message } }) => `${id}: ${message}`) };
};

const UNREADY: Readonly<Record<UnreadyFrom, readonly CheckStatus[]>> = { warn: ['warn', 'fail'], fail: ['fail'] };
