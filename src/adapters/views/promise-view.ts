import type { AgentPromise, PromiseProgress } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { iso } from './iso.ts';

/** A promise as JSON; times are ISO 8601 in UTC. */
export const promiseView = (promise: AgentPromise) => ({
  id: promise.id,
  chatId: promise.chatId,
  ...present({ messageId: promise.messageId }),
  status: promise.status,
  taskDescription: promise.description,
  agent: promise.agent,
  taskType: promise.taskType,
  createdAt: iso(promise.createdAt),
  ...(promise.notBefore === undefined ? {} : { notBefore: iso(promise.notBefore) }),
  ...(promise.deadline === undefined ? {} : { deadline: iso(promise.deadline) }),
  ...stateView(promise),
  priority: promise.priority,
  attempts: promise.attempts,
  dependsOn: promise.dependsOn,
  ...present({ labels: promise.provenance?.labels }),
});

const stateView = (promise: AgentPromise) => {
  switch (promise.status) {
    case 'waiting':
      return present({ approvalId: promise.approvalId });
    case 'pending':
      return { dueAt: iso(promise.dueAt), ...lastError(promise) };
    case 'in_progress':
      return { startedAt: iso(promise.startedAt), ...progressView(promise), ...lastError(promise) };
    case 'completed':
      return { completedAt: iso(promise.completedAt), resultSummary: promise.result, ...delivered(promise) };
    case 'failed':
      return { completedAt: iso(promise.completedAt), errorMessage: promise.error.message, ...delivered(promise) };
    case 'cancelled':
      return { completedAt: iso(promise.completedAt), errorMessage: promise.reason, ...delivered(promise) };
  }
};

const progressView = ({ progress }: { readonly progress?: PromiseProgress }) =>
  progress ? { progress: progress.text, progressAt: iso(progress.at) } : {};
const lastError = ({ lastError }: { readonly lastError?: { readonly message: string } }) =>
  lastError ? { errorMessage: lastError.message } : {};
const delivered = ({ deliveredAt }: { readonly deliveredAt?: number }) =>
  deliveredAt === undefined ? {} : { deliveredAt: iso(deliveredAt) };
