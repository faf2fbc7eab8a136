/** The waits between tries: from `firstMs`, doubling, to `capMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly capMs: number;
}

/** The wait after so many failures in a row. */
export const backoffMs = ({ firstMs, capMs }: Backoff, failures: number): number =>
  Math.min(capMs, firstMs * 2 ** Math.min(Math.max(0, failures - 1), 16));
