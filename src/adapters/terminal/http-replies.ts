import { z } from 'zod';
import { approvalId, localChatId, messageId, PROMISE_STATUSES, promiseId, TASK_TYPES } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { TranscriptMessage } from '../../ports/index.ts';
import type { PromiseLine } from './chat-client.ts';

const instant = z.iso.datetime().transform(Date.parse);
const message = z.string().transform(messageId);

export const messageReply: z.ZodType<TranscriptMessage> = z
  .object({
    messageId: message,
    sequence: z.int().positive(),
    chatId: z.string().transform(localChatId),
    from: z.enum(['operator', 'agent']),
    text: z.string(),
    replyTo: message.optional(),
    answers: z.array(message).default([]),
    at: instant,
  })
  .transform(({ replyTo, ...rest }) => ({ ...rest, ...present({ replyTo }) }));

export const verdictReply = z.object({ verdict: z.string(), reason: z.string().optional() });

export const promiseReply: z.ZodType<PromiseLine> = z
  .object({
    id: z.int().positive().transform(promiseId),
    status: z.enum(PROMISE_STATUSES),
    approvalId: z.int().positive().transform(approvalId).optional(),
    taskDescription: z.string(),
    taskType: z.enum(TASK_TYPES),
    messageId: message.optional(),
    createdAt: instant,
    completedAt: instant.optional(),
    deliveredAt: instant.optional(),
    resultSummary: z.string().optional(),
    errorMessage: z.string().optional(),
  })
  .transform(({ taskDescription, resultSummary, errorMessage, messageId, approvalId: approval, completedAt, deliveredAt, ...rest }) => ({
    ...rest,
    description: taskDescription,
    ...present({ messageId, approvalId: approval, completedAt, deliveredAt, result: resultSummary, error: errorMessage }),
  }));

export const draftReply = z.object({ text: z.string() });
export const postedReply = z.object({ messageId: message });
export const messagesReply = z.object({ messages: z.array(messageReply) });
export const promisesReply = z.object({ promises: z.array(promiseReply) });
export const errorReply = z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }) });
