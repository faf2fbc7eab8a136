import type { AskedApproval } from '../approval/approval.ts';
import type { AgentPromise, PromiseId } from '../promise/promise.ts';
import type { Schedule, ScheduleId } from '../promise/schedule.ts';
import type { Fact, FactId } from '../recall/fact.ts';
import type { Link } from '../recall/link.ts';

/** One thing that a turn decides. It is stored with the turn's reply, or not at all. */
export type Decision =
  | { readonly type: 'make-promise'; readonly promise: AgentPromise }
  /** The promise that it guards is made by the same turn. */
  | { readonly type: 'ask-approval'; readonly approval: AskedApproval }
  | { readonly type: 'cancel-promise'; readonly promiseId: PromiseId }
  | { readonly type: 'make-schedule'; readonly schedule: Schedule }
  | { readonly type: 'end-schedule'; readonly scheduleId: ScheduleId }
  | { readonly type: 'remember-fact'; readonly fact: Fact }
  | { readonly type: 'forget-fact'; readonly factId: FactId }
  | { readonly type: 'save-link'; readonly link: Link };

export type DecisionOf<Type extends Decision['type']> = Extract<Decision, { readonly type: Type }>;

/** The decisions of a turn, before they are stored: all of them commit with the turn, or none does. */
export interface TurnDraft {
  /** A promise that is cancelled twice, or a schedule that is ended twice, is one decision. */
  decide(decision: Decision): void;
  /** In the order in which they were made. */
  readonly decisions: readonly Decision[];
}

export const makeTurnDraft = (first: readonly Decision[] = []): TurnDraft => {
  const decisions = [...first];
  return {
    decisions,
    decide: (decision) => {
      if (!decisions.some((earlier) => keyOf(earlier) === keyOf(decision))) decisions.push(decision);
    },
  };
};

const keyOf = (decision: Decision): string => {
  switch (decision.type) {
    case 'make-promise':
      return `make-promise ${decision.promise.id}`;
    case 'ask-approval':
      return `ask-approval ${decision.approval.id}`;
    case 'cancel-promise':
      return `cancel-promise ${decision.promiseId}`;
    case 'make-schedule':
      return `make-schedule ${decision.schedule.id}`;
    case 'end-schedule':
      return `end-schedule ${decision.scheduleId}`;
    case 'remember-fact':
      return `remember-fact ${decision.fact.id}`;
    case 'forget-fact':
      return `forget-fact ${decision.factId}`;
    case 'save-link':
      // Saved again, it gets the new note.
      return `save-link ${decision.link.tenant} ${decision.link.key} ${decision.link.note}`;
  }
};

export const decisionsOf = <Type extends Decision['type']>(
  { decisions }: Pick<TurnDraft, 'decisions'>,
  type: Type,
): readonly DecisionOf<Type>[] => decisions.filter((decision): decision is DecisionOf<Type> => decision.type === type);

/** What a turn has made and ended, by kind. */
export interface Decided {
  readonly promises: readonly AgentPromise[];
  readonly cancelledPromises: readonly PromiseId[];
  readonly schedules: readonly Schedule[];
  readonly endedSchedules: readonly ScheduleId[];
}

/** Without a draft, nothing is decided. */
export const decidedIn = (draft: Pick<TurnDraft, 'decisions'> = { decisions: [] }): Decided => ({
  promises: decisionsOf(draft, 'make-promise').map(({ promise }) => promise),
  cancelledPromises: decisionsOf(draft, 'cancel-promise').map(({ promiseId }) => promiseId),
  schedules: decisionsOf(draft, 'make-schedule').map(({ schedule }) => schedule),
  endedSchedules: decisionsOf(draft, 'end-schedule').map(({ scheduleId }) => scheduleId),
});
