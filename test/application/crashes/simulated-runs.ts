import type { PromiseId } from '../../../src/domain/index.ts';
import { type Clock, PortError, type PromiseExecutor } from '../../../src/ports/index.ts';
import { workResult } from '../../../src/testing/index.ts';
import type { ProcessLifetime } from './process-lifetime.ts';

export type Work = 'succeed' | 'slow' | 'fail' | 'fail for good' | 'hang';
/** Longer than a lease. */
const SLOW_MS = 45_000;
const UNWIND_MS = 2_000;

interface Run {
  readonly id: PromiseId;
  readonly life: ProcessLifetime;
  readonly signal: AbortSignal;
}

/** The runs of promises, of which no two may be of one promise at once, and what is to become of the next ones. */
export const makeRuns = (clock: Clock, violations: string[]) => {
  const work: Work[] = [];
  const runs = new Map<PromiseId, Run[]>();
  let slept = false;

  /**
   * A run that is under way elsewhere may be overlooked only when it was aborted, its process is dead, or was asleep
   * past its lease.
   */
  const begin = (run: Run): void => {
    for (const other of runs.get(run.id) ?? [])
      if (!other.life.ended && (other.life === run.life || !(other.signal.aborted || slept)))
        violations.push(`promise #${run.id} is run twice at once`);
    runs.set(run.id, [...(runs.get(run.id) ?? []), run]);
  };
  const executorOf = (life: ProcessLifetime): PromiseExecutor => ({
    execute: async ({ id }, { signal }) => {
      const run = { id, life, signal };
      begin(run);
      const outcome = work.shift() ?? 'succeed';
      try {
        if (outcome === 'hang') await untilUnwound(signal, clock);
        if (outcome === 'slow')
          await Promise.race([untilUnwound(signal, clock), new Promise<void>((resolve) => clock.after(SLOW_MS, resolve))]);
        if (outcome === 'fail') throw new PortError('unavailable', 'busy', { retryable: true });
        if (outcome === 'fail for good') throw new PortError('invalid-request', 'impossible', { retryable: false });
        return workResult('done');
      } finally {
        runs.set(id, runs.get(id)?.filter((other) => other !== run) ?? []);
      }
    },
  });

  return {
    work,
    executorOf,
    sleep: (): void => {
      slept = true;
    },
  };
};

/** Rejects once it is told to end; `unwind` may put that off. */
export const untilAborted = (signal: AbortSignal, unwind = (end: () => void): void => end()): Promise<never> =>
  new Promise((_, reject) => {
    const abort = (): void => unwind(() => reject(new PortError('aborted', 'aborted', { retryable: false })));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });

/** Work that is told to end takes a moment to do so. */
export const untilUnwound = (signal: AbortSignal, clock: Clock): Promise<never> =>
  untilAborted(signal, (end) => void clock.after(UNWIND_MS, end));
