import type { AgentPromise, PromiseId } from '../../../src/domain/index.ts';
import { type Clock, PortError, type PromiseExecutor } from '../../../src/ports/index.ts';
import { workResult } from '../../../src/testing/index.ts';
import { WORK } from '../support/harness.ts';
import type { ProcessLifetime } from './process-lifetime.ts';
import { resultOf } from './promise-life-ledger.ts';
import { untilUnwound } from './simulated-runs.ts';

/** What becomes of a run; one that is deaf does not hear that it is told to end. */
export type Work = 'succeed' | 'slow' | 'fail' | 'fail for good' | 'hang' | 'deaf';

/** Longer than a lease. */
const SLOW_MS = 45_000;

interface Run {
  readonly life: ProcessLifetime;
  readonly signal: AbortSignal;
  readonly isDeaf: boolean;
}

interface RunOptions {
  readonly clock: Clock;
  /** The time that is true for every process, wherever their clock is put. */
  readonly steady: Clock;
  readonly faults: string[];
}

/** The runs of promises, which hold against the law what runs at once, and what is to become of the next ones. */
export const makeRuns = ({ clock, steady, faults }: RunOptions) => {
  const work: Work[] = [];
  const runs = new Map<PromiseId, Set<Run>>();
  /**
   * Time itself has jumped: until every lease has been renewed or has run out since, two may be at one promise that
   * both believe is theirs.
   */
  let disturbedUntil = 0;
  const disturb = (): void => {
    disturbedUntil = steady.now() + WORK.leaseMs + WORK.heartbeatMs;
  };

  const begin = (promise: AgentPromise, run: Run): void => {
    const name = `promise #${promise.id}`;
    const others = runs.get(promise.id) ?? new Set();
    for (const other of others)
      if (!other.life.ended && !(other.signal.aborted && (other.isDeaf || other.life !== run.life)) && steady.now() > disturbedUntil)
        faults.push(`${name} is run twice at once`);
    if ((promise.deadline ?? Number.POSITIVE_INFINITY) <= clock.now()) faults.push(`${name} is run past its deadline`);
    runs.set(promise.id, others.add(run));
  };

  const time = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  const executorOf = (life: ProcessLifetime): PromiseExecutor => ({
    execute: async (promise, { signal, progress }) => {
      const outcome = work.shift() ?? 'succeed';
      const run = { life, signal, isDeaf: outcome === 'deaf' };
      begin(promise, run);
      progress(outcome);
      try {
        if (outcome === 'hang') await untilUnwound(signal, clock);
        if (outcome === 'slow') await Promise.race([untilUnwound(signal, clock), time(SLOW_MS)]);
        if (outcome === 'deaf') await time(SLOW_MS);
        if (outcome === 'fail') throw new PortError('unavailable', 'busy', { retryable: true });
        if (outcome === 'fail for good') throw new PortError('invalid-request', 'impossible', { retryable: false });
        return workResult(resultOf(promise));
      } finally {
        runs.get(promise.id)?.delete(run);
      }
    },
  });

  return { work, disturb, executorOf };
};
