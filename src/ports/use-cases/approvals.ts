import type { Approval, ApprovalId, ApprovalStatus, StandingApproval, StandingId } from '../../domain/approval/approval.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { Refusal, Result } from '../../domain/shared/result.ts';
import type { Origin } from '../../domain/workspace/policy.ts';

/** What approvals to list. What is absent does not narrow the list. */
export interface ApprovalsQuery {
  readonly chatId?: ChatId;
  readonly statuses?: readonly ApprovalStatus[];
  /** Only approvals with a lower number. */
  readonly before?: ApprovalId;
  /** Default: 50. */
  readonly limit?: number;
}

/** Newest first. Rejects with PortError. */
export type ListApprovals = (query: ApprovalsQuery) => Promise<readonly Approval[]>;
export type GetApproval = (id: ApprovalId) => Promise<Approval | undefined>;

/**
 * Who decides. `person`: where that person decides, and who it is, as the gateway tells it; bots and others that are no
 * persons never get here. `operator`: the command line, the page, a local chat.
 */
export type DecidedBy = { readonly kind: 'person'; readonly origin: Origin } | { readonly kind: 'operator' };

export interface DecideOptions {
  /** Also says yes to each further call of this tool in this chat and directory, for so long. */
  readonly standingMs?: number;
  /** What the button brought. Absent: nobody tapped a button. */
  readonly token?: string;
  /** A claimed key of `RequestKeys`: where its effect is stored already, nothing is changed. */
  readonly once?: string | undefined;
}

export type DecideRefusal = Refusal<
  | 'approval/not-found'
  | 'approval/already-decided'
  | 'approval/expired'
  | 'approval/not-entitled'
  | 'approval/elsewhere'
  | 'approval/forged'
  | 'approval/changed'
  | 'approval/standing'
>;

/**
 * Decides on an approval: once it resolves to the approval, the decision is durable, and what waited for it goes on or
 * has ended. A refusal changes nothing; its words are for whoever tried. Rejects with PortError.
 */
export type DecideApproval = (
  id: ApprovalId,
  verdict: 'approve' | 'deny',
  by: DecidedBy,
  options?: DecideOptions,
) => Promise<Result<Approval, DecideRefusal>>;

export interface StandingQuery {
  readonly chatId?: ChatId;
  /** Those that are over or revoked, too. Default: those that hold. */
  readonly includeEnded?: boolean;
  /** Default: 50. */
  readonly limit?: number;
}

/** Newest first. Rejects with PortError. */
export type ListStandingApprovals = (query: StandingQuery) => Promise<readonly StandingApproval[]>;

/** Ends a standing approval at once. Owners of its chat and the operator may. Rejects with PortError. */
export type RevokeStandingApproval = (
  id: StandingId,
  by: DecidedBy,
) => Promise<Result<StandingApproval, Refusal<'approval/not-found' | 'approval/not-entitled'>>>;

/** Everything that can be asked and decided about approvals from outside. */
export interface Approvals {
  readonly list: ListApprovals;
  readonly get: GetApproval;
  readonly decide: DecideApproval;
  readonly listStanding: ListStandingApprovals;
  readonly revokeStanding: RevokeStandingApproval;
}
