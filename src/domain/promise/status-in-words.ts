import type { AgentPromise } from './promise.ts';

/** Its status, and the approval that it waits for, where it waits for one. */
export const statusInWords = (promise: AgentPromise): string => {
  const approval = promise.status === 'waiting' ? promise.approvalId : undefined;
  return `${promise.status.replace('_', ' ')}${approval === undefined ? '' : ` for approval #${approval}`}`;
};
