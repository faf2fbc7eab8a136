import { parentsVerdict } from '../../domain/promise/dependencies.ts';
import { type AgentPromise, isSettled, type PromiseId } from '../../domain/promise/promise.ts';
import { type PromiseCommand, type TransitionRefusal, transition } from '../../domain/promise/transition.ts';
import type { Result } from '../../domain/shared/result.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { announceOutcomes } from './announce-outcome.ts';

/**
 * Adds new promises inside a unit of work. Their parents may have settled since they were drafted: then they are
 * released, or fail, here and now, so that none waits for something that already happened.
 */
export const addPromises = async (stores: Stores, promises: readonly AgentPromise[], at: number, randomness: Randomness): Promise<void> => {
  if (promises.length === 0) return;
  await stores.promises.add(promises);
  await followParents(stores, promises, at, randomness);
};

/**
 * Stores the new states of promises. The outcomes of those that settle are queued for their chats, and the promises
 * that waited for them move; those that wait again move at once if there is nothing left to wait for.
 */
const savePromises = async (stores: Stores, promises: readonly AgentPromise[], at: number, randomness: Randomness): Promise<void> => {
  if (promises.length === 0) return;
  const settled = promises.filter(isSettled);
  // Asked for at once: a database that is further off answers them together.
  const [children] = await Promise.all([
    settled.length > 0 ? stores.promises.waitingOn(settled.map(({ id }) => id)) : [],
    stores.promises.saveMany(promises),
    settled.length > 0 ? announceOutcomes(stores, settled, at, randomness) : undefined,
  ]);
  const saved = promises.map((promise) => ({ ...promise, version: promise.version + 1 }));
  const followed = new Map([...children, ...saved].map((promise) => [promise.id, promise]));
  await followParents(stores, [...followed.values()], at, randomness);
};

/** Moves those of these that wait, and whose parents leave them nothing to wait for. */
const followParents = async (stores: Stores, promises: readonly AgentPromise[], at: number, randomness: Randomness): Promise<void> => {
  const waiting = promises.filter(({ status }) => status === 'waiting');
  if (waiting.length === 0) return;
  const parents = new Map(
    (await stores.promises.getMany([...new Set(waiting.flatMap(({ dependsOn }) => dependsOn))])).map((parent) => [parent.id, parent]),
  );
  const moved = waiting.flatMap((child) => {
    const verdict = parentsVerdict(child.dependsOn.flatMap((id) => parents.get(id) ?? []));
    if (verdict.kind === 'wait') return [];
    const command: PromiseCommand = verdict.kind === 'release' ? { type: 'release', at } : { type: 'abandon', at, error: verdict.error };
    const next = transition(child, command);
    return next.ok ? [next.value] : [];
  });
  await savePromises(stores, moved, at, randomness);
};

/** What a command came to; undefined where there is no such promise. */
export type Commanded = Result<AgentPromise, TransitionRefusal> | undefined;

/**
 * Carries out one command on each of these promises, inside a unit of work; one that is refused changes nothing, and
 * the others go on.
 */
export const commandPromises = async (
  stores: Stores,
  commands: ReadonlyMap<PromiseId, PromiseCommand>,
  randomness: Randomness,
): Promise<ReadonlyMap<PromiseId, Commanded>> => {
  const outcomes = new Map<PromiseId, Commanded>();
  for (const promise of await stores.promises.hold([...commands.keys()])) {
    const command = commands.get(promise.id);
    if (command) outcomes.set(promise.id, transition(promise, command));
  }
  const moved = [...outcomes.values()].flatMap((outcome) => (outcome?.ok ? [outcome.value] : []));
  await savePromises(stores, moved, Math.max(...Array.from(commands.values(), ({ at }) => at)), randomness);
  return outcomes;
};

/** Carries out a command on a stored promise, inside a unit of work. */
export const commandPromise = async (stores: Stores, id: PromiseId, command: PromiseCommand, randomness: Randomness): Promise<Commanded> =>
  (await commandPromises(stores, new Map([[id, command]]), randomness)).get(id);
