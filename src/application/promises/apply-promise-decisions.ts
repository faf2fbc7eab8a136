import type { DecisionOf } from '../../domain/conversation/decision.ts';
import { isSettled } from '../../domain/promise/promise.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { addApprovals, endApprovalsOf } from './store-approvals.ts';
import { addPromises, commandPromise } from './store-promises.ts';

interface Applying {
  readonly at: number;
  readonly randomness: Randomness;
  readonly policy?: AccessPolicy | undefined;
}

/** Stores the promises that a turn makes, inside its unit of work. They may depend on each other. */
export const applyMakePromise = (
  stores: Stores,
  decisions: readonly DecisionOf<'make-promise'>[],
  { at, randomness }: Applying,
): Promise<void> =>
  addPromises(
    stores,
    decisions.map(({ promise }) => promise),
    at,
    randomness,
  );

/** Stores the approvals that a turn asks for, inside its unit of work, behind the promises that wait for them. */
export const applyAskApproval = async (
  stores: Stores,
  decisions: readonly DecisionOf<'ask-approval'>[],
  { at, randomness, policy }: Applying,
): Promise<void> => {
  await addApprovals(
    stores,
    decisions.map(({ approval }) => approval),
    randomness,
    policy,
  );
  // A promise may have failed with its parents as it was stored.
  const guarded = await stores.promises.getMany(decisions.map(({ approval }) => approval.promiseId));
  await endApprovalsOf(stores, guarded.filter(isSettled), at);
};

/** Cancels promises for a turn, inside its unit of work. One that has ended meanwhile stays as it is. */
export const applyCancelPromise = async (
  stores: Stores,
  decisions: readonly DecisionOf<'cancel-promise'>[],
  { at, randomness }: Applying,
): Promise<void> => {
  for (const { promiseId } of decisions)
    await commandPromise(stores, promiseId, { type: 'cancel', at, reason: 'As you asked.' }, randomness);
};
