import { setImmediate } from 'node:timers/promises';
import { percentilesOf } from './percentiles.ts';

/** How fast something was done. */
export interface Speed {
  readonly perSecond: number;
  /** From its beginning to its delivered answer. */
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/**
 * `side` do the same again and again, side by side, for so long. Rejects with the reason of `signal` once it aborts,
 * whatever is waited for.
 */
export const inTurns = async (side: number, once: (person: number) => Promise<void>, ms: number, signal: AbortSignal): Promise<Speed> => {
  const durations: number[] = [];
  const begin = performance.now();
  const one = async (person: number): Promise<void> => {
    while (performance.now() - begin < ms) {
      signal.throwIfAborted();
      const since = performance.now();
      await once(person);
      durations.push(performance.now() - since);
      await setImmediate();
    }
  };
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([Promise.all(Array.from({ length: side }, (_, person) => one(person))), stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  const seconds = (performance.now() - begin) / 1_000;
  const percentile = percentilesOf(durations);
  return { perSecond: durations.length / seconds, p50Ms: percentile(0.5), p95Ms: percentile(0.95) };
};
