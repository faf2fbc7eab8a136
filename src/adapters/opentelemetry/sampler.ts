/** What of a trace's id is random, in W3C's Trace Context: its last 56 bits. */
const RANDOM_DIGITS = 14;

/**
 * Whether a trace is one of that part of all, 0 to 1. It is decided by the trace's id alone, so that every process
 * decides alike, and a trace is sent whole or not at all.
 */
export const makeSampler = (part: number): ((traceId: string) => boolean) => {
  if (part >= 1) return () => true;
  const least = (1 - part) * 16 ** RANDOM_DIGITS;
  return (traceId) => Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) >= least;
};
