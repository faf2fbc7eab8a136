import type { Approval } from '../../domain/approval/approval.ts';
import { transitionApproval } from '../../domain/approval/transition.ts';
import { approvalDecidedFact } from '../../domain/audit/facts.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { ApprovalStore } from '../../ports/storage/approval-store.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { type Loop, makeLoop } from '../loops/loop.ts';
import { followDecision } from './decide.ts';

const BATCH = 100;
/** How late an end may be noticed of an approval that was asked for after the last poll. */
const INTERVAL_MS = 1_000;

/** Ends an approval whose time is over, inside a unit of work. Resolves to whether it did. */
export const expireApproval = async (
  stores: Stores,
  { id, promiseId }: Pick<Approval, 'id' | 'promiseId'>,
  { at, randomness }: { readonly at: number; readonly randomness: Randomness },
): Promise<boolean> => {
  await stores.promises.update([promiseId], () => undefined);
  let isExpired = false;
  const [approval] = await stores.approvals.update([id], (stored) => {
    const next = transitionApproval(stored, { type: 'expire', at });
    isExpired = next.ok;
    return next.ok ? next.value : undefined;
  });
  if (!approval || !isExpired) return false;
  await followDecision({ randomness }, stores, approval, at);
  await stores.audit.add([approvalDecidedFact(approval, at)]);
  return true;
};

/**
 * Ends each approval that nobody decided on in time, and what waits for it. Any number of these loops may run at once:
 * each approval ends once.
 */
export const makeExpireApprovals = (deps: {
  readonly approvals: Pick<ApprovalStore, 'due' | 'nextExpiry'>;
  readonly unitOfWork: UnitOfWork;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
}): Loop => {
  const { approvals, unitOfWork, clock, events } = deps;

  const poll = async (): Promise<number | undefined> => {
    const now = clock.now();
    const next = await approvals.nextExpiry();
    if (next === undefined || next > now) return next;
    const failures: unknown[] = [];
    for (const approval of await approvals.due(now, BATCH)) {
      const { id, call, promiseId } = approval;
      try {
        if (await unitOfWork.run((stores) => expireApproval(stores, approval, { at: now, randomness: deps.randomness })))
          events.emit({ type: 'approval-expired', approvalId: id, chatId: call.chatId, promiseId, tool: call.tool });
      } catch (error) {
        // One that can't be ended must not delay the others.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return approvals.nextExpiry();
  };

  return makeLoop({ name: 'approvals', clock, changes: deps.changes, events, intervalMs: INTERVAL_MS, poll });
};
