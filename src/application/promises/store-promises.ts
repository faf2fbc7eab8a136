import { parentsVerdict } from '../../domain/promise/dependencies.ts';
import { type AgentPromise, isSettled, type PromiseId } from '../../domain/promise/promise.ts';
import { type PromiseCommand, transition } from '../../domain/promise/transition.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/unit-of-work.ts';
import { announceOutcome } from './announce-outcome.ts';

/**
 * Adds new promises inside a unit of work. Their parents may have settled since they were drafted: then they are released, or fail,
 * here and now, so that none waits for something that already happened.
 */
export const addPromises = async (stores: Stores, promises: readonly AgentPromise[], at: number, randomness: Randomness): Promise<void> => {
  if (promises.length === 0) return;
  await stores.promises.add(promises);
  for (const promise of promises) if (promise.status === 'waiting') await wait(stores, promise.id, at, randomness);
};

/** A promise has begun to wait: what it waits for may have happened already. */
const wait = async (stores: Stores, id: PromiseId, at: number, randomness: Randomness): Promise<void> => {
  const current = await stores.promises.get(id);
  if (current?.status === 'waiting') await followParents(stores, current, at, randomness);
};

/**
 * Stores a promise's new state. When that settles it, its outcome is queued for its chat, and the promises that waited for it
 * move; when it waits again, it moves at once if there is nothing left to wait for.
 */
export const savePromise = async (stores: Stores, promise: AgentPromise, at: number, randomness: Randomness): Promise<void> => {
  await stores.promises.save(promise);
  if (promise.status === 'waiting') return wait(stores, promise.id, at, randomness);
  if (!isSettled(promise)) return;
  await announceOutcome(stores, promise, at, randomness);
  for (const child of await stores.promises.waitingOn(promise.id)) await followParents(stores, child, at, randomness);
};

const followParents = async (stores: Stores, child: AgentPromise, at: number, randomness: Randomness): Promise<void> => {
  const verdict = parentsVerdict(await stores.promises.getMany(child.dependsOn));
  if (verdict.kind === 'wait') return;
  const command: PromiseCommand = verdict.kind === 'release' ? { type: 'release', at } : { type: 'abandon', at, error: verdict.error };
  const moved = transition(child, command);
  if (moved.ok) await savePromise(stores, moved.value, at, randomness);
};

/** Carries out a command on a stored promise, inside a unit of work; undefined when there is no such promise. */
export const commandPromise = async (stores: Stores, id: PromiseId, command: PromiseCommand, randomness: Randomness) => {
  const promise = await stores.promises.get(id);
  if (!promise) return undefined;
  const moved = transition(promise, command);
  if (moved.ok) await savePromise(stores, moved.value, command.at, randomness);
  return moved;
};
