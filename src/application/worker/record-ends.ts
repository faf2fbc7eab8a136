import type { PromiseId } from '../../domain/promise/promise.ts';
import type { PromiseCommand } from '../../domain/promise/transition.ts';
import { isPortError } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { type Commanded, commandPromises } from '../promises/store-promises.ts';

/** Records how an attempt ended. Rejects when storage does: it may be stored all the same. */
export type RecordEnd = (id: PromiseId, command: PromiseCommand) => Promise<Commanded>;

/** Ends that share one commit, at the most. */
const GROUP_LIMIT = 200;

interface Waiting {
  readonly id: PromiseId;
  readonly command: PromiseCommand;
  resolve(outcome: Commanded): void;
  reject(error: unknown): void;
}

/**
 * Records many ends in one unit of work: those that come while one is under way share the next. Nobody suffers for
 * another's refusal: what is refused together is tried again one by one.
 */
export const makeRecordEnd = (deps: { readonly unitOfWork: UnitOfWork; readonly randomness: Randomness }): RecordEnd => {
  let waiting: Waiting[] = [];
  let busy = false;

  const commit = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const commands = new Map(group.map(({ id, command }) => [id, command]));
      const outcomes = await deps.unitOfWork.run((stores) => commandPromises(stores, commands, deps.randomness));
      for (const { id, resolve } of group) resolve(outcomes.get(id));
    } catch (error) {
      if (group.length > 1 && !isOutage(error)) for (const one of group) await commit([one]);
      else for (const { reject } of group) reject(error);
    }
  };

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      // Those that end at this same moment are a few steps behind.
      await Promise.resolve();
      const group = new Map<PromiseId, Waiting>();
      // Of one promise, one command at a time.
      for (const one of waiting) if (group.size < GROUP_LIMIT && !group.has(one.id)) group.set(one.id, one);
      waiting = waiting.filter((one) => group.get(one.id) !== one);
      await commit([...group.values()]);
    }
    busy = false;
  };

  return (id, command) =>
    new Promise((resolve, reject) => {
      waiting.push({ id, command, resolve, reject });
      if (busy) return;
      busy = true;
      void drain();
    });
};

/** Storage is away or full: one by one would fare no better. */
const isOutage = (error: unknown): boolean => isPortError(error) && (error.code === 'unavailable' || error.code === 'storage-full');
