import { approvalsBegun } from '../../domain/agent/run-step.ts';
import type { Approval, ApprovalId, AskedApproval } from '../../domain/approval/approval.ts';
import { cardContext } from '../../domain/approval/card-context.ts';
import { cardFor } from '../../domain/approval/card-text.ts';
import { spendingRun } from '../../domain/approval/guarded-call.ts';
import { type ApprovalCommand, transitionApproval } from '../../domain/approval/transition.ts';
import { approvalAskedFact, approvalEndedFact } from '../../domain/audit/facts.ts';
import type { SettledPromise } from '../../domain/promise/promise.ts';
import { approvalAskedEvent } from '../../domain/webhook/webhook-event.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';

/** Stores approvals that are asked for, inside the unit of work that stores what they guard, with their cards. */
export const addApprovals = async (
  stores: Pick<Stores, 'approvals' | 'outbox' | 'audit' | 'webhooks'>,
  asked: readonly AskedApproval[],
  randomness: Pick<Randomness, 'id'>,
  /** Says who may approve. Absent: the cards do not tell. */
  policy: AccessPolicy | undefined,
): Promise<readonly Approval[]> => {
  if (asked.length === 0) return [];
  const approvals = asked.map((approval): Approval => ({ ...approval, token: randomness.id() }));
  await stores.approvals.add(approvals);
  await stores.audit.add(approvals.map(approvalAskedFact));
  await stores.webhooks.add(approvals.map(approvalAskedEvent));
  await stores.outbox.addMany(approvals.flatMap((approval) => cardFor(approval, cardContext(policy, approval), randomness.id)));
  return approvals;
};

/** Ends the approvals of promises that have settled, inside the unit of work that settles them. */
export const endApprovalsOf = async (
  { approvals, audit, journal }: Pick<Stores, 'approvals' | 'audit' | 'journal'>,
  settled: readonly SettledPromise[],
  at: number,
  /** Those that end by the results of their calls, which are stored in the same unit of work. */
  withResults: ReadonlySet<ApprovalId> = new Set(),
): Promise<void> => {
  const all = settled.length > 0 ? await approvals.openOf(settled.map(({ id }) => id)) : [];
  const open = all.filter(({ id }) => !withResults.has(id));
  if (open.length === 0) return;
  const promises = new Map(settled.map((promise) => [promise.id, promise]));
  const begun = await begunCalls(journal, open);
  const withdrawn = new Set<ApprovalId>();
  const ended = await approvals.update(
    open.map(({ id }) => id),
    (stored) => {
      const promise = promises.get(stored.promiseId);
      if (!promise) return undefined;
      const command: ApprovalCommand = begun.has(stored.id) ? { type: 'lose-track', at } : endWith(stored, promise, at);
      const next = commanded(stored, command);
      if (next && command.type === 'withdraw') withdrawn.add(stored.id);
      return next;
    },
  );
  const facts = ended.flatMap((approval) => {
    const promise = promises.get(approval.promiseId);
    return promise && withdrawn.has(approval.id) ? [approvalEndedFact(approval, promise, at)] : [];
  });
  if (facts.length > 0) await audit.add(facts);
};

/** Those whose calls have begun, and have no result. */
const begunCalls = async (journal: Stores['journal'], open: readonly Approval[]): Promise<ReadonlySet<ApprovalId>> => {
  const promises = new Set(open.flatMap(({ status, promiseId }) => (status === 'approved' ? [promiseId] : [])));
  const runs = await Promise.all([...promises].map((id) => journal.ofPromise(id, MAX_RUNS)));
  return new Set(runs.flat().flatMap(({ steps }) => approvalsBegun(steps)));
};
/** The runs of a promise that are looked at: the call of an open approval stands in its last one. */
const MAX_RUNS = 20;

/**
 * How an approval ends with its promise: done where the promise is what was approved, or went on with the money that
 * was, and was kept.
 */
const endWith = (approval: Approval, promise: SettledPromise, at: number): ApprovalCommand => {
  const isWhole = approval.callKey === undefined && approval.status === 'approved';
  switch (promise.status) {
    case 'completed':
      if (approval.status === 'approved' && spendingRun(approval) !== undefined)
        return { type: 'end', at, isDone: true, outcome: `Promise #${promise.id} went on with it, and is kept.` };
      return isWhole
        ? { type: 'end', at, isDone: true, outcome: promise.result }
        : { type: 'withdraw', at, outcome: `Promise #${promise.id} ended without it.` };
    case 'failed':
      return { type: 'withdraw', at, outcome: promise.error.message };
    case 'cancelled':
      return { type: 'withdraw', at, outcome: `Promise #${promise.id} was cancelled: ${promise.reason}` };
  }
};

const commanded = (approval: Approval, command: ApprovalCommand): Approval | undefined => {
  const next = transitionApproval(approval, command);
  return next.ok ? next.value : undefined;
};
