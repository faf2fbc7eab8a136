/** The duration below which that part of them lies, such as 0.95; 0 where there are none. */
export const percentilesOf = (durations: readonly number[]): ((part: number) => number) => {
  const sorted = durations.toSorted((a, b) => a - b);
  return (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
};
