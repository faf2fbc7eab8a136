import { doublingMs } from '../../../domain/shared/backoff.ts';

/** The waits between tries: from `firstMs`, doubling, to `capMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly capMs: number;
}

/** The wait after so many failures in a row. */
export const backoffMs = ({ firstMs, capMs }: Backoff, failures: number): number => doublingMs(failures, firstMs, capMs);
