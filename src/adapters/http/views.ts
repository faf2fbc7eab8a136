import type { AgentPromise, PromiseProgress, Schedule } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { TranscriptMessage } from '../../ports/index.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** A message as JSON; times are ISO 8601 in UTC. */
export const messageView = ({ messageId, sequence, chatId, from, text, replyTo, answers, at }: TranscriptMessage) => ({
  messageId,
  sequence,
  chatId,
  from,
  text,
  ...present({ replyTo }),
  ...(answers.length === 0 ? {} : { answers }),
  at: iso(at),
});

/** A promise as JSON; times are ISO 8601 in UTC. */
export const promiseView = (promise: AgentPromise) => ({
  id: promise.id,
  chatId: promise.chatId,
  ...present({ messageId: promise.messageId }),
  status: promise.status,
  taskDescription: promise.description,
  taskType: promise.taskType,
  createdAt: iso(promise.createdAt),
  ...(promise.notBefore === undefined ? {} : { notBefore: iso(promise.notBefore) }),
  ...(promise.deadline === undefined ? {} : { deadline: iso(promise.deadline) }),
  ...stateView(promise),
  priority: promise.priority,
  attempts: promise.attempts,
  dependsOn: promise.dependsOn,
});

/** A schedule as JSON; times are ISO 8601 in UTC. */
export const scheduleView = (schedule: Schedule) => ({
  id: schedule.id,
  chatId: schedule.chatId,
  ...present({ messageId: schedule.messageId }),
  status: schedule.status,
  taskDescription: schedule.description,
  taskType: schedule.taskType,
  cron: schedule.cron,
  timeZone: schedule.timeZone,
  ...(schedule.status === 'active' ? { nextAt: iso(schedule.nextAt) } : { endedAt: iso(schedule.endedAt) }),
  createdAt: iso(schedule.createdAt),
  priority: schedule.priority,
  ...present({ lastPromiseId: schedule.lastPromiseId }),
});

const stateView = (promise: AgentPromise) => {
  switch (promise.status) {
    case 'waiting':
      return {};
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
