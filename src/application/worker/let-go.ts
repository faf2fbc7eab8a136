import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { EndedRun, PromiseQueue } from '../../ports/storage/promise-queue.ts';

/**
 * Tells storage that the run of a promise which settled over its worker's head has ended. Does not reject: where it
 * fails, the lease runs out.
 */
export type LetGo = (run: EndedRun) => Promise<void>;

/** Those that end while a call is under way share the next. */
export const makeLetGo = (deps: {
  readonly workerId: string;
  readonly queue: Pick<PromiseQueue, 'letGo'>;
  readonly events: Events;
}): LetGo => {
  let last: Promise<void> = Promise.resolve();
  let next: { readonly runs: EndedRun[]; readonly done: Promise<void> } | undefined;

  const send = async (runs: readonly EndedRun[]): Promise<void> => {
    next = undefined;
    try {
      await deps.queue.letGo(deps.workerId, runs);
    } catch (error) {
      deps.events.emit({
        type: 'leases-not-released',
        promiseIds: runs.map(({ id }) => id),
        reason: reasonOf(error),
      });
    }
  };

  return (run) => {
    if (!next) {
      const runs: EndedRun[] = [];
      last = last.then(() => send(runs));
      next = { runs, done: last };
    }
    next.runs.push(run);
    return next.done;
  };
};
