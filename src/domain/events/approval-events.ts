import type { ApprovalId, ApprovalStatus, Decider, StandingId } from '../approval/approval.ts';
import type { ChatId, UserId } from '../chat/ids.ts';
import type { PromiseId } from '../promise/promise.ts';
import type { TrustLabel } from '../trust/labels.ts';

interface AboutApproval {
  readonly approvalId: ApprovalId;
  readonly chatId: ChatId;
  readonly promiseId: PromiseId;
  readonly tool: string;
}

/** Approvals, from the question to the decision, and standing approvals. Events hold no arguments and no tokens. */
export type ApprovalEvent =
  | (AboutApproval & { readonly type: 'approval-asked'; readonly agent: string; readonly labels: readonly TrustLabel[] })
  | (AboutApproval & { readonly type: 'approval-decided'; readonly verdict: 'approved' | 'denied'; readonly by: Decider })
  /** Somebody tried to decide, and may not, or too late. */
  | {
      readonly type: 'approval-refused';
      readonly approvalId: ApprovalId;
      readonly by: UserId | 'operator';
      readonly verdict: 'approve' | 'deny';
      /** The code of the refusal. */
      readonly reason: string;
    }
  | (AboutApproval & { readonly type: 'approval-expired' })
  /** The chat was shown what became of it. `told`: by a message of its own, as the card can't be changed. */
  | (AboutApproval & { readonly type: 'card-updated'; readonly status: ApprovalStatus; readonly how: 'edited' | 'told' | 'left' })
  | (AboutApproval & {
      readonly type: 'card-not-updated';
      readonly status: ApprovalStatus;
      readonly failures: number;
      readonly reason: string;
      readonly error: unknown;
    })
  | {
      readonly type: 'standing-approval-given';
      readonly standingId: StandingId;
      readonly chatId: ChatId;
      readonly tool: string;
      readonly by: Decider;
      /** In ms since 1970. */
      readonly expiresAt: number;
    }
  | { readonly type: 'standing-approval-revoked'; readonly standingId: StandingId; readonly chatId: ChatId; readonly by: Decider };
