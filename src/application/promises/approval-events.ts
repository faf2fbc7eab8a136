import type { AskedApproval } from '../../domain/approval/approval.ts';
import { type Decision, decisionsOf } from '../../domain/conversation/decision.ts';
import type { EventOf } from '../../domain/events/event.ts';

/** Tells of an approval that is asked for, once that is committed. */
export const askedEvent = ({ id, call, promiseId, agent, labels }: AskedApproval): EventOf<'approval-asked'> => ({
  type: 'approval-asked',
  approvalId: id,
  chatId: call.chatId,
  promiseId,
  tool: call.tool,
  agent,
  labels,
});

/** The same of what a turn asks for. */
export const askedEvents = (decisions: readonly Decision[]): readonly EventOf<'approval-asked'>[] =>
  decisionsOf({ decisions }, 'ask-approval').map(({ approval }) => askedEvent(approval));
