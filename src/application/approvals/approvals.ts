import type { StandingApproval } from '../../domain/approval/approval.ts';
import { standingApprovalFact } from '../../domain/audit/facts.ts';
import { decideRight } from '../../domain/rights/decide-right.ts';
import { helperNames } from '../../domain/rights/denial-words.ts';
import { present } from '../../domain/shared/present.ts';
import { ok, refuse } from '../../domain/shared/result.ts';
import { type AccessPolicy, movedPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { Approvals, DecidedBy, RevokeStandingApproval } from '../../ports/use-cases/approvals.ts';
import { makeDecideApproval } from './decide.ts';

const DEFAULT_LIMIT = 50;

/** Everything that can be asked and decided about approvals from outside. */
export const makeApprovals = (deps: {
  readonly stores: Pick<Stores, 'approvals'>;
  readonly unitOfWork: UnitOfWork;
  readonly policy: AccessPolicy;
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Randomness;
  readonly events: Events;
}): Approvals => {
  const { approvals } = deps.stores;
  return {
    list: ({ chatId, statuses, before, limit = DEFAULT_LIMIT }) => approvals.list({ ...present({ chatId, statuses, before }), limit }),
    get: (id) => approvals.get(id),
    decide: makeDecideApproval(deps),
    listStanding: ({ chatId, includeEnded = false, limit = DEFAULT_LIMIT }) =>
      approvals.listStanding({ ...present({ chatId, holdingAt: includeEnded ? undefined : deps.clock.now() }), limit }),
    revokeStanding: makeRevokeStanding(deps),
  };
};

const makeRevokeStanding =
  (deps: {
    readonly unitOfWork: UnitOfWork;
    readonly policy: AccessPolicy;
    readonly clock: Pick<Clock, 'now'>;
    readonly events: Events;
  }): RevokeStandingApproval =>
  async (id, by) => {
    const at = deps.clock.now();
    const revoker = by.kind === 'operator' ? 'operator' : by.origin.senderId;
    const revoked = await deps.unitOfWork.run(async (stores) => {
      const standing = await stores.approvals.getStanding(id);
      if (!standing || isElsewhere(standing, by)) return refuse('approval/not-found', `there is no standing approval #${id} here`);
      const policy = movedPolicy(deps.policy, await stores.chatMoves.list());
      const right = decideRight(policy, by.kind === 'operator' ? 'operator' : by.origin, 'approve-standing');
      if (!right.allowed)
        return refuse(
          'approval/not-entitled',
          `only owners revoke standing approvals (${right.rule}, see ${right.path} in the configuration)${by.kind === 'person' ? `; ${helperNames(policy, by.origin)} can` : ''}`,
        );
      const after = (await stores.approvals.revokeStanding(id, at, revoker)) ?? standing;
      if (after.revokedAt !== at) return ok({ after, isNew: false });
      const { tool, chatId } = after;
      await stores.audit.add([standingApprovalFact('revoked', { id, tool, chatId }, { actor: revoker, at })]);
      return ok({ after, isNew: true });
    });
    if (!revoked.ok) return revoked;
    const { after, isNew } = revoked.value;
    if (isNew) deps.events.emit({ type: 'standing-approval-revoked', standingId: id, chatId: after.chatId, by: revoker });
    return ok(after);
  };

const isElsewhere = ({ chatId }: StandingApproval, by: DecidedBy): boolean => by.kind === 'person' && by.origin.chatId !== chatId;
