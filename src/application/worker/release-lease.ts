import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { EndedRun, PromiseQueue } from '../../ports/storage/promise-queue.ts';
import { makeSharedCalls } from '../loops/shared-calls.ts';

/**
 * Tells the storage that a run has ended whose promise settled while it ran. Does not reject: if the call fails, the
 * lease expires.
 */
export type ReleaseLease = (run: EndedRun) => Promise<void>;

/** Runs that end while a call is under way share the next call. */
export const makeReleaseLease = (deps: {
  readonly workerId: string;
  readonly queue: Pick<PromiseQueue, 'releaseLeases'>;
  readonly events: Events;
}): ReleaseLease => {
  const release = makeSharedCalls<{ readonly run: EndedRun; readonly done: () => void }>(async (group) => {
    const runs = group.map(({ run }) => run);
    try {
      await deps.queue.releaseLeases(deps.workerId, runs);
    } catch (error) {
      deps.events.emit({ type: 'leases-not-released', promiseIds: runs.map(({ id }) => id), reason: reasonOf(error) });
    }
    for (const { done } of group) done();
  });
  return (run) => new Promise((done) => release({ run, done }));
};
