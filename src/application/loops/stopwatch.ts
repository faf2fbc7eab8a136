import type { Clock } from '../../ports/clock.ts';

/** Starts now; each call gives the whole ms since then. A clock that is set meanwhile changes nothing. */
export const startStopwatch = (clock: Pick<Clock, 'now' | 'elapsed'>): (() => number) => {
  const elapsed = clock.elapsed ?? clock.now;
  const startedAt = elapsed();
  return () => Math.max(0, Math.round(elapsed() - startedAt));
};
