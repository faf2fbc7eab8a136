import type { PromiseId } from '../../domain/promise/promise.ts';
import type { Logger } from '../../ports/logger.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { PromiseQueue } from '../../ports/promise-store.ts';

/** Tells storage that the run of a promise which settled over its worker's head has ended. Does not reject: where it fails, the lease runs out. */
export type LetGo = (id: PromiseId) => Promise<void>;

/** Those that end while a call is under way share the next. */
export const makeLetGo = (deps: {
  readonly workerId: string;
  readonly queue: Pick<PromiseQueue, 'letGo'>;
  readonly logger: Logger;
}): LetGo => {
  let last: Promise<void> = Promise.resolve();
  let next: { readonly ids: PromiseId[]; readonly done: Promise<void> } | undefined;

  const send = async (ids: readonly PromiseId[]): Promise<void> => {
    next = undefined;
    try {
      await deps.queue.letGo(deps.workerId, ids);
    } catch (error) {
      deps.logger.warn({ promiseIds: ids, reason: reasonOf(error) }, 'runs that have ended could not be let go of; their leases run out');
    }
  };

  return (id) => {
    if (!next) {
      const ids: PromiseId[] = [];
      last = last.then(() => send(ids));
      next = { ids, done: last };
    }
    next.ids.push(id);
    return next.done;
  };
};
