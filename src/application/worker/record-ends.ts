import type { PromiseId } from '../../domain/promise/promise.ts';
import type { PromiseCommand } from '../../domain/promise/transition.ts';
import { isPortError } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makeSharedCalls } from '../loops/shared-calls.ts';
import { type Commanded, commandPromises } from '../promises/store-promises.ts';

/** Records how an attempt ended. Rejects when the storage does: the end may be stored all the same. */
export type RecordEnd = (id: PromiseId, command: PromiseCommand) => Promise<Commanded>;

/** The most ends that share one commit. */
const MAX_GROUP = 200;

interface Waiting {
  readonly id: PromiseId;
  readonly command: PromiseCommand;
  resolve(outcome: Commanded): void;
  reject(error: unknown): void;
}

/** At most one command for each promise. */
const nextGroup = (waiting: readonly Waiting[]): readonly Waiting[] => {
  const group = new Map<PromiseId, Waiting>();
  for (const one of waiting) if (group.size < MAX_GROUP && !group.has(one.id)) group.set(one.id, one);
  return [...group.values()];
};

/**
 * Records many ends in one unit of work: ends that arrive while a commit is under way share the next one. If a group is
 * refused, its ends are tried one by one, so that one bad end does not fail the others.
 */
export const makeRecordEnd = (deps: { readonly unitOfWork: UnitOfWork; readonly randomness: Randomness }): RecordEnd => {
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
  const record = makeSharedCalls(commit, nextGroup);
  return (id, command) => new Promise((resolve, reject) => record({ id, command, resolve, reject }));
};

/** The storage is unavailable or full: single ends would fail, too. */
const isOutage = (error: unknown): boolean => isPortError(error) && (error.code === 'unavailable' || error.code === 'storage-full');
