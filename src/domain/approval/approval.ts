import type { MicroUsd } from '../budget/money.ts';
import type { ChatKind } from '../chat/chat.ts';
import type { ChatId, MessageId, UserId } from '../chat/ids.ts';
import type { PromiseId } from '../promise/promise.ts';
import type { TrustLabel } from '../trust/labels.ts';
import type { ApprovalId, StandingId } from './approval-id.ts';

export type { ApprovalId, StandingId } from './approval-id.ts';

/**
 * `asked`: nobody has decided. `approved`: a person said yes, and the call has not ended yet. `done`, `failed`: it was
 * approved, and the call ended so. `denied`, `expired`: it is never run.
 */
export const APPROVAL_STATUSES = ['asked', 'approved', 'denied', 'expired', 'done', 'failed'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** Who decides: a user's id, or the operator of this installation. */
export type Decider = UserId | 'operator';

/** The exact call that is asked about. */
export interface ApprovedCall {
  readonly tool: string;
  readonly input: unknown;
  /** Absolute: the directory to which the call is held. */
  readonly directory: string;
  readonly chatId: ChatId;
}

/** A yes or no of an entitled person to one exact call of a tool that acts. */
export interface Approval {
  readonly id: ApprovalId;
  readonly call: ApprovedCall;
  readonly chatKind: ChatKind;
  /** SHA-256 of the call, in hexadecimal: another tool, argument, chat or directory is another call. */
  readonly digest: string;
  /** The promise that waits for it, and runs the call. */
  readonly promiseId: PromiseId;
  /** The call of the promise's run that waits; absent where the promise is that one call. */
  readonly callKey?: string;
  readonly agent: string;
  /** The message that asked for the work. */
  readonly messageId?: MessageId;
  readonly requestedBy: { readonly id: UserId; readonly username?: string };
  /** Where what led to the call comes from. */
  readonly labels: readonly TrustLabel[];
  /** Why it is asked, in words for people. */
  readonly reason: string;
  /** What the call costs at the most, beside what models cost. Absent: nothing, or no price is known. */
  readonly cost?: MicroUsd;
  /** Opaque; known to the buttons of its card alone. */
  readonly token: string;
  readonly askedAt: number;
  /** Nobody may approve it from then on, in ms since 1970. */
  readonly expiresAt: number;
  readonly status: ApprovalStatus;
  readonly decidedAt?: number;
  /** Absent where nobody decided: it expired, or what it guards ended before. */
  readonly decidedBy?: Decider;
  /** When the call ended, in ms since 1970, and what became of it, in short. */
  readonly endedAt?: number;
  readonly outcome?: string;
  /** Of a call that failed: it may have taken effect, and nobody can tell. */
  readonly isUnknown?: true;
}

/** Whose yes lets a call run: one for exactly this call, or one for each such call for a time. */
export interface AllowedBy {
  readonly approvalId?: ApprovalId;
  readonly standingId?: StandingId;
}

/** An approval before it is stored: its token is drawn with the commit that stores it. */
export type AskedApproval = Omit<Approval, 'token'>;

/** Says yes to each call of one tool in one chat and directory, for a time. */
export interface StandingApproval {
  readonly id: StandingId;
  readonly tool: string;
  readonly directory: string;
  readonly chatId: ChatId;
  readonly givenBy: Decider;
  readonly givenAt: number;
  /** It holds until then, in ms since 1970. */
  readonly expiresAt: number;
  /** The approval with which it was given. */
  readonly approvalId: ApprovalId;
  readonly revokedAt?: number;
  readonly revokedBy?: Decider;
}
