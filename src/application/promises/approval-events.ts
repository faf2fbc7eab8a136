import type { AskedApproval } from '../../domain/approval/approval.ts';
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
