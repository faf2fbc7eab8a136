import { parentsVerdict } from '../../domain/promise/dependencies.ts';
import { type AgentPromise, isSettled, type PromiseId } from '../../domain/promise/promise.ts';
import { type PromiseCommand, type TransitionRefusal, transition } from '../../domain/promise/transition.ts';
import { ok, type Result } from '../../domain/shared/result.ts';
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
 * Gives promises the states that `change` says, inside a unit of work; resolves to those that it has changed, as they
 * are stored. The outcomes of those that settle are queued for their chats, and the promises that waited for them move;
 * those that wait again move at once if there is nothing left to wait for.
 */
const changePromises = async (
  stores: Stores,
  ids: readonly PromiseId[],
  change: (stored: AgentPromise) => AgentPromise | undefined,
  at: number,
  randomness: Randomness,
): Promise<readonly AgentPromise[]> => {
  const changed = new Set<PromiseId>();
  const updated = await stores.promises.update(ids, (stored) => {
    const next = change(stored);
    if (next) changed.add(stored.id);
    return next;
  });
  const saved = updated.filter(({ id }) => changed.has(id));
  const settled = saved.filter(isSettled);
  // Asked for at once: a database that is further off answers them together.
  const [children] = await Promise.all([
    settled.length > 0 ? stores.promises.waitingOn(settled.map(({ id }) => id)) : [],
    settled.length > 0 ? announceOutcomes(stores, settled, at, randomness) : undefined,
  ]);
  const followed = new Map([...children, ...saved].map((promise) => [promise.id, promise]));
  const moved = new Map((await followParents(stores, [...followed.values()], at, randomness)).map((promise) => [promise.id, promise]));
  return saved.map((promise) => moved.get(promise.id) ?? promise);
};

/** Moves those of these that wait, and whose parents leave them nothing to wait for; resolves to those. */
const followParents = async (
  stores: Stores,
  promises: readonly AgentPromise[],
  at: number,
  randomness: Randomness,
): Promise<readonly AgentPromise[]> => {
  const waiting = promises.filter(({ status }) => status === 'waiting');
  if (waiting.length === 0) return [];
  const parents = new Map(
    (await stores.promises.getMany([...new Set(waiting.flatMap(({ dependsOn }) => dependsOn))])).map((parent) => [parent.id, parent]),
  );
  const commands = new Map<PromiseId, PromiseCommand>();
  for (const child of waiting) {
    const verdict = parentsVerdict(child.dependsOn.flatMap((id) => parents.get(id) ?? []));
    if (verdict.kind === 'release') commands.set(child.id, { type: 'release', at });
    else if (verdict.kind !== 'wait') commands.set(child.id, { type: 'abandon', at, error: verdict.error });
  }
  if (commands.size === 0) return [];
  return changePromises(
    stores,
    [...commands.keys()],
    (child) => {
      const command = commands.get(child.id);
      const next = command && transition(child, command);
      return next?.ok ? next.value : undefined;
    },
    at,
    randomness,
  );
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
  const moved = await changePromises(
    stores,
    [...commands.keys()],
    (promise) => {
      const command = commands.get(promise.id);
      const outcome = command && transition(promise, command);
      outcomes.set(promise.id, outcome);
      return outcome?.ok ? outcome.value : undefined;
    },
    Math.max(...Array.from(commands.values(), ({ at }) => at)),
    randomness,
  );
  for (const promise of moved) outcomes.set(promise.id, ok(promise));
  return outcomes;
};

/** Carries out a command on a stored promise, inside a unit of work. */
export const commandPromise = async (stores: Stores, id: PromiseId, command: PromiseCommand, randomness: Randomness): Promise<Commanded> =>
  (await commandPromises(stores, new Map([[id, command]]), randomness)).get(id);
