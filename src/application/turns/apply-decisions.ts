import { type Decision, type DecisionOf, decisionsOf } from '../../domain/conversation/decision.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { applyAskApproval, applyCancelPromise, applyMakePromise } from '../promises/apply-promise-decisions.ts';
import { applyForgetFact, applyRememberFact } from '../recall/facts.ts';
import { applySaveLink } from '../recall/links.ts';
import { applyEndSchedule, applyMakeSchedule } from '../schedules/apply-schedule-decisions.ts';

interface Deciding {
  readonly at: number;
  readonly randomness: Randomness;
  /** Says who may approve. Absent: cards do not tell. */
  readonly policy?: AccessPolicy | undefined;
}

/** Stores all decisions of one kind, inside the turn's unit of work. */
type Apply<Type extends Decision['type']> = (stores: Stores, decisions: readonly DecisionOf<Type>[], turn: Deciding) => Promise<void>;

/** One function for each kind, in the order in which kinds are applied: a turn may end what it has made. */
const APPLY: { readonly [Type in Decision['type']]: Apply<Type> } = {
  'make-promise': applyMakePromise,
  'ask-approval': applyAskApproval,
  'cancel-promise': applyCancelPromise,
  'make-schedule': applyMakeSchedule,
  'end-schedule': applyEndSchedule,
  'remember-fact': applyRememberFact,
  'forget-fact': applyForgetFact,
  'save-link': applySaveLink,
};

/** Stores what a turn has decided, inside its unit of work. */
export const applyDecisions = async (stores: Stores, decisions: readonly Decision[], turn: Deciding): Promise<void> => {
  const applyAll = async <Type extends Decision['type']>(type: Type): Promise<void> => {
    const ofKind = decisionsOf({ decisions }, type);
    if (ofKind.length > 0) await APPLY[type](stores, ofKind, turn);
  };
  for (const type of Object.keys(APPLY) as Decision['type'][]) await applyAll(type);
};
