import { requesterFields } from '../promise/fields.ts';
import { present } from '../shared/present.ts';
import type { Approval, ApprovedCall, AskedApproval, StandingApproval } from './approval.ts';

const callFields = ({ tool, input, directory, chatId }: ApprovedCall): ApprovedCall => ({ tool, input, directory, chatId });

/** Takes only the fields of an approval that is not stored yet. */
const askedFields = (approval: AskedApproval): AskedApproval => ({
  id: approval.id,
  call: callFields(approval.call),
  chatKind: approval.chatKind,
  digest: approval.digest,
  promiseId: approval.promiseId,
  agent: approval.agent,
  requestedBy: requesterFields(approval.requestedBy),
  labels: [...approval.labels],
  reason: approval.reason,
  askedAt: approval.askedAt,
  expiresAt: approval.expiresAt,
  status: approval.status,
  ...present({
    callKey: approval.callKey,
    cost: approval.cost,
    messageId: approval.messageId,
    decidedAt: approval.decidedAt,
    decidedBy: approval.decidedBy,
    endedAt: approval.endedAt,
    outcome: approval.outcome,
    isUnknown: approval.isUnknown,
  }),
});

/** An approval and nothing else. */
export const approvalFields = (approval: Approval): Approval => ({ ...askedFields(approval), token: approval.token });

/** What is stored of a change: the state of `next`. What was asked stays. */
export const changedApproval = (stored: Approval, { status, decidedAt, decidedBy, endedAt, outcome, isUnknown }: Approval): Approval => {
  const { decidedAt: _, decidedBy: __, endedAt: ___, outcome: ____, isUnknown: _____, ...asked } = approvalFields(stored);
  return { ...asked, status, ...present({ decidedAt, decidedBy, endedAt, outcome, isUnknown }) };
};

/** A standing approval and nothing else. */
export const standingFields = (standing: StandingApproval): StandingApproval => ({
  id: standing.id,
  tool: standing.tool,
  directory: standing.directory,
  chatId: standing.chatId,
  givenBy: standing.givenBy,
  givenAt: standing.givenAt,
  expiresAt: standing.expiresAt,
  approvalId: standing.approvalId,
  ...present({ revokedAt: standing.revokedAt, revokedBy: standing.revokedBy }),
});
