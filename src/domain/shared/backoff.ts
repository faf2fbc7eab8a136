/** The wait before the next try, after `failures` failures in a row: `firstMs`, doubled each time, at most `maxMs`. */
export const doublingMs = (failures: number, firstMs: number, maxMs: number): number =>
  Math.min(maxMs, firstMs * 2 ** Math.max(0, failures - 1));
