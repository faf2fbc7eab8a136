import type { PromiseRow } from './promise-row.ts';

/**
 * Moves the times that a claim writes by `ms`: from the caller's clock to the database's, or back with `-ms`. All other
 * times are stored as the caller gave them.
 */
export const movedBy = <Row extends Partial<Pick<PromiseRow, 'started_at' | 'lease_expires_at'>>>(row: Row, ms: number): Row =>
  ms === 0 ? row : { ...row, started_at: plus(row.started_at, ms), lease_expires_at: plus(row.lease_expires_at, ms) };

const plus = (at: number | null | undefined, ms: number): number | null => (typeof at === 'number' ? at + ms : null);
