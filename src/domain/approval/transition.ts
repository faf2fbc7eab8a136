import type { UserId } from '../chat/ids.ts';
import { excerpt } from '../shared/excerpt.ts';
import { ok, type Refusal, type Result, refuse as refusal } from '../shared/result.ts';
import type { Approval, ApprovalStatus, Decider } from './approval.ts';
import { MAX_OUTCOME_LENGTH } from './limits.ts';

/** A command to an approval. `at` is the time of the command, in ms since 1970. */
export type ApprovalCommand =
  | { readonly type: 'approve'; readonly at: number; readonly by: Decider }
  | { readonly type: 'deny'; readonly at: number; readonly by: Decider }
  /** Its time is over, and nobody has decided. */
  | { readonly type: 'expire'; readonly at: number }
  /** The call has ended. */
  | { readonly type: 'end'; readonly at: number; readonly isDone: boolean; readonly outcome: string }
  /** The call has begun, and nobody can tell whether it took effect. `why`: what the tool said. */
  | { readonly type: 'lose-track'; readonly at: number; readonly why?: string }
  /** What it guards has ended without the call; `outcome` says how. */
  | { readonly type: 'withdraw'; readonly at: number; readonly outcome: string };

export type ApprovalTransitionRefusal = Refusal<
  'approval/already-decided' | 'approval/expired' | 'approval/not-expired' | 'approval/not-approved'
>;

/** Whether nothing more can become of it. */
export const isEnded = ({ status }: Pick<Approval, 'status'>): boolean => status !== 'asked' && status !== 'approved';

/** Returns the approval after the command, or why the command is refused. Pure: time comes with the command. */
export const transitionApproval = (approval: Approval, command: ApprovalCommand): Result<Approval, ApprovalTransitionRefusal> => {
  const { at } = command;
  switch (command.type) {
    case 'approve':
    case 'deny': {
      if (approval.status !== 'asked') return refusal('approval/already-decided', alreadyDecided(approval));
      if (at >= approval.expiresAt) return refusal('approval/expired', `the time to decide on approval #${approval.id} is over`);
      const status = command.type === 'approve' ? 'approved' : 'denied';
      return ok({ ...approval, status, decidedAt: at, decidedBy: command.by });
    }
    case 'expire':
      if (approval.status !== 'asked') return refusal('approval/already-decided', alreadyDecided(approval));
      if (at < approval.expiresAt) return refusal('approval/not-expired', `approval #${approval.id} can still be given`);
      return ok({ ...approval, status: 'expired', endedAt: at });
    case 'end':
      if (approval.status !== 'approved') return notApproved(approval);
      return ok({ ...approval, status: command.isDone ? 'done' : 'failed', endedAt: at, outcome: short(command.outcome) });
    case 'lose-track':
      if (approval.status !== 'approved') return notApproved(approval);
      return ok({
        ...approval,
        status: 'failed',
        endedAt: at,
        outcome: short(unknownOutcome(approval.call.tool, command.why)),
        isUnknown: true,
      });
    case 'withdraw':
      if (isEnded(approval)) return refusal('approval/already-decided', alreadyDecided(approval));
      return ok({
        ...approval,
        status: approval.status === 'asked' ? 'denied' : 'failed',
        endedAt: at,
        outcome: short(command.outcome),
      });
  }
};

/** The outcome of a call of which nobody can tell whether it took effect; `why` is what the tool said. */
export const unknownOutcome = (tool: string, why = ''): string =>
  [
    `It may have happened. Whether it took effect is not known, and it was not run again. Look at what ${tool} was to change, before you ask for it again.`,
    ...(why.trim() === '' ? [] : [`What was said: ${why.trim()}`]),
  ].join(' ');

const short = (outcome: string): string => excerpt(outcome.trim(), MAX_OUTCOME_LENGTH);

const STATUS_WORDS: Readonly<Record<ApprovalStatus, string>> = {
  asked: 'waits for a decision',
  approved: 'was approved',
  denied: 'was denied',
  expired: 'expired',
  done: 'was approved, and is done',
  failed: 'was approved, but failed',
};

const notApproved = ({ id, status }: Approval): Result<never, ApprovalTransitionRefusal> =>
  refusal('approval/not-approved', `approval #${id} is not approved (${STATUS_WORDS[status]})`);

const alreadyDecided = ({ id, status, decidedBy }: Approval): string =>
  `approval #${id} ${decidedBy === undefined ? STATUS_WORDS[status] : `${STATUS_WORDS[status]}; ${deciderName(decidedBy)} decided`}`;

/** Who decided, as people read it: by the name that `nameOf` knows, else by the id. */
export const deciderName = (by: Decider, nameOf?: (id: UserId) => string | undefined): string =>
  by === 'operator' ? 'the operator' : (nameOf?.(by) ?? by);
