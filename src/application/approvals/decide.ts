import type { Approval, Decider, StandingApproval } from '../../domain/approval/approval.ts';
import type { ApprovalId } from '../../domain/approval/approval-id.ts';
import { digestOf } from '../../domain/approval/digest.ts';
import { guardedCall, spendingRun } from '../../domain/approval/guarded-call.ts';
import { canStand, MAX_STANDING_PER_CHAT, STANDING_SPANS } from '../../domain/approval/limits.ts';
import { deciderName, transitionApproval } from '../../domain/approval/transition.ts';
import { approvalDecidedFact, standingApprovalFact } from '../../domain/audit/facts.ts';
import type { KeptEvent } from '../../domain/events/event.ts';
import { originOfTask } from '../../domain/message/access.ts';
import { type AgentPromise, isSettled } from '../../domain/promise/promise.ts';
import { decideRight } from '../../domain/rights/decide-right.ts';
import { helperNames } from '../../domain/rights/denial-words.ts';
import { present } from '../../domain/shared/present.ts';
import { ok, type Refusal, type Result, refuse } from '../../domain/shared/result.ts';
import { type AccessPolicy, movedPolicy, scopeOf } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { DecideApproval, DecidedBy, DecideOptions, DecideRefusal } from '../../ports/use-cases/approvals.ts';
import { commandPromise } from '../promises/store-promises.ts';

/** A decision that somebody wants to make. */
export interface WantedDecision {
  readonly id: ApprovalId;
  readonly verdict: 'approve' | 'deny';
  readonly by: DecidedBy;
  readonly options?: DecideOptions | undefined;
}

export interface DecideIn {
  readonly policy: AccessPolicy;
  readonly randomness: Randomness;
}

/** What became of it, and what is to be told of it once it is committed. */
export interface Decision {
  readonly result: Result<Approval, DecideRefusal>;
  /** The standing approval that was given with it. */
  readonly standing?: StandingApproval;
  readonly events: readonly KeptEvent[];
}

/** The most runs of a promise that are looked at. */
const MAX_RUNS = 5;

/** Decides on an approval in a unit of work of its own. */
export const makeDecideApproval =
  (deps: DecideIn & { readonly unitOfWork: UnitOfWork; readonly clock: Pick<Clock, 'now'>; readonly events: Events }): DecideApproval =>
  async (id, verdict, by, options) => {
    const at = deps.clock.now();
    const { result, events } = await deps.unitOfWork.run((stores) => decideIn(deps, stores, { id, verdict, by, options }, at));
    for (const event of events) deps.events.emit(event);
    return result;
  };

/**
 * Decides on an approval, inside a unit of work: the decision, what waits for it, a standing approval and the audit log
 * commit together. Whoever decides must be entitled now, in the chat that was asked; the call must be what was asked
 * about.
 */
export const decideIn = async (deps: DecideIn, stores: Stores, wanted: WantedDecision, at: number): Promise<Decision> => {
  const { id, verdict, by, options } = wanted;
  const found = await stores.approvals.get(id);
  const once = options?.once;
  if (found && once !== undefined && (await stores.requestKeys.isDone(once))) return { result: ok(found), events: [] };
  // As wherever a promise ends: it is locked first, then what guards it.
  const [promise] = found ? await stores.promises.update([found.promiseId], () => undefined) : [];
  const [approval] = found ? await stores.approvals.update([id], () => undefined) : [];
  const policy = movedPolicy(deps.policy, await stores.chatMoves.list());
  const refusal = approval ? refusalOf(policy, approval, wanted) : noSuchApproval(id);
  if (!approval || refusal) return refused(wanted, refusal ?? noSuchApproval(id));
  const decided = transitionApproval(approval, { type: verdict, at, by: deciderOf(by) });
  if (!decided.ok) return refused(wanted, decided.error as DecideRefusal);
  if (verdict === 'approve') {
    const changed = await changedSince(policy, stores, approval, promise);
    if (changed) return refused(wanted, changed);
  }
  const standing = await standingOf(stores, decided.value, wanted, at);
  if (!standing.ok) return refused(wanted, standing.error);
  if (once !== undefined) await stores.requestKeys.markDone(once, at);
  await stores.approvals.update([id], () => decided.value);
  await followDecision(deps, stores, decided.value, at);
  if (standing.value) await stores.approvals.addStanding(standing.value);
  await stores.audit.add([approvalDecidedFact(decided.value, at), ...(standing.value ? [givenFact(standing.value)] : [])]);
  return { result: decided, events: eventsOf(decided.value, standing.value), ...present({ standing: standing.value }) };
};

const deciderOf = (by: DecidedBy): Decider => (by.kind === 'operator' ? 'operator' : by.origin.senderId);

const refused = ({ id, verdict, by }: WantedDecision, error: DecideRefusal): Decision => ({
  result: { ok: false, error },
  events: [{ type: 'approval-refused', approvalId: id, by: deciderOf(by), verdict, reason: error.code }],
});

const no = (code: DecideRefusal['code'], message: string): DecideRefusal => ({ code, message });
const noSuchApproval = (id: ApprovalId): DecideRefusal => no('approval/not-found', `there is no approval #${id} here`);

/** Why this person may not decide, whatever the verdict; nothing is told of an approval of another chat. */
const refusalOf = (policy: AccessPolicy, approval: Approval, { by, options }: WantedDecision): DecideRefusal | undefined => {
  if (options?.token !== undefined && !isSame(options.token, approval.token))
    return no('approval/forged', 'this button belongs to nothing that can be decided');
  if (by.kind === 'operator') return undefined;
  const { origin } = by;
  if (origin.chatId !== approval.call.chatId) return no('approval/elsewhere', `there is no approval #${approval.id} here`);
  const right = decideRight(policy, origin, 'approve', { requestedBy: approval.requestedBy.id });
  if (!right.allowed)
    return no(
      'approval/not-entitled',
      `you may not decide on approval #${approval.id} (${right.rule}, see ${right.path} in the configuration); ${helperNames(policy, origin)} can`,
    );
  if (options?.standingMs === undefined) return undefined;
  const standing = decideRight(policy, origin, 'approve-standing');
  return standing.allowed
    ? undefined
    : no(
        'approval/not-entitled',
        `only owners give standing approvals (${standing.rule}, see ${standing.path} in the configuration); ${helperNames(policy, origin)} can`,
      );
};

/** Compares in a time that says nothing of where they differ. */
const isSame = (given: string, known: string): boolean => {
  let difference = given.length ^ known.length;
  for (let at = 0; at < known.length; at++) difference |= (given.charCodeAt(at) || 0) ^ known.charCodeAt(at);
  return difference === 0;
};

/** Whether the promise would now run something else than what was asked about, or nothing at all. */
const changedSince = async (
  policy: AccessPolicy,
  { journal }: Stores,
  approval: Approval,
  promise: AgentPromise | undefined,
): Promise<DecideRefusal | undefined> => {
  if (!promise || isSettled(promise)) return no('approval/changed', `what approval #${approval.id} was asked for is over`);
  const { directory } = scopeOf(policy, originOfTask(promise));
  const runs = approval.callKey === undefined ? [] : await journal.ofPromise(promise.id, MAX_RUNS);
  const call = guardedCall(approval, promise, runs, directory);
  return call && digestOf(call) === approval.digest ? undefined : no('approval/changed', 'this call has changed since it was asked about');
};

const standingOf = async (
  { approvals }: Stores,
  approval: Approval,
  { options }: WantedDecision,
  at: number,
): Promise<Result<StandingApproval | undefined, Refusal<'approval/standing'>>> => {
  const { id, status, call, decidedBy = 'operator' } = approval;
  const { standingMs } = options ?? {};
  if (standingMs === undefined || status !== 'approved') return ok(undefined);
  // It would hold for any amount, and as often as a promise asks.
  if (spendingRun(approval) !== undefined) return refuse('approval/standing', 'more money for a promise is asked about each time');
  if (!canStand(standingMs)) return refuse('approval/standing', STANDING_SPANS);
  const held = await approvals.listStanding({ chatId: call.chatId, holdingAt: at, limit: MAX_STANDING_PER_CHAT });
  if (held.length >= MAX_STANDING_PER_CHAT)
    return refuse('approval/standing', `this chat has ${held.length} standing approvals already; revoke some first`);
  const [standingId] = await approvals.reserveStandingIds(1);
  const { tool, directory, chatId } = call;
  const given = { tool, directory, chatId, givenBy: decidedBy, givenAt: at, expiresAt: at + Math.round(standingMs), approvalId: id };
  return ok({ id: standingId as StandingApproval['id'], ...given });
};

/**
 * What waited for the approval goes on: with a yes, and where a run can go on with the no; a promise that is no more
 * than what was denied is cancelled.
 */
export const followDecision = async (deps: Pick<DecideIn, 'randomness'>, stores: Stores, approval: Approval, at: number): Promise<void> => {
  const { id, promiseId, callKey, status } = approval;
  const goesOn = status === 'approved' || callKey !== undefined;
  const command = goesOn
    ? ({ type: 'go-on', at, approvalId: id } as const)
    : ({ type: 'cancel', at, reason: endReason(approval) } as const);
  await commandPromise(stores, promiseId, command, deps.randomness);
};

const endReason = ({ id, status, decidedBy = 'operator' }: Approval): string => {
  if (status === 'expired') return `Nobody approved it in time (approval #${id}).`;
  return `Denied by ${deciderName(decidedBy)}.`;
};

const givenFact = ({ id, tool, chatId, directory, expiresAt, givenBy, givenAt }: StandingApproval) =>
  standingApprovalFact('given', { id, tool, chatId, directory, until: expiresAt }, { actor: givenBy, at: givenAt });

const eventsOf = (approval: Approval, standing: StandingApproval | undefined): readonly KeptEvent[] => {
  const { id, call, promiseId, status, decidedBy = 'operator' } = approval;
  const verdict = status === 'approved' ? 'approved' : 'denied';
  const decided = {
    type: 'approval-decided' as const,
    approvalId: id,
    chatId: call.chatId,
    promiseId,
    tool: call.tool,
    verdict,
    by: decidedBy,
  } as const;
  if (!standing) return [decided];
  const { id: standingId, chatId, tool, givenBy: by, expiresAt } = standing;
  return [decided, { type: 'standing-approval-given', standingId, chatId, tool, by, expiresAt }];
};
