import { z } from 'zod';
import { PROMISE_STATUSES, TASK_TYPES } from '../../../domain/index.ts';
import { count, id, instant, labels, next, number } from './common.ts';
import { named, reply, told } from './names.ts';

const task = () => ({
  taskDescription: z.string(),
  agent: told(z.string(), 'The agent that does the work'),
  taskType: z.enum(TASK_TYPES),
  priority: told(z.int(), '1 (first) to 10 (last)'),
});

export const promise = named(
  'Promise',
  () =>
    z.object({
      id: number,
      chatId: id,
      messageId: told(id, 'The message that asked for it').exactOptional(),
      status: z.enum(PROMISE_STATUSES),
      ...task(),
      createdAt: instant,
      notBefore: told(instant, 'When it may start at the earliest').exactOptional(),
      deadline: told(instant, 'When it fails unless it is done').exactOptional(),
      dueAt: told(instant, 'While it is pending: when it starts next').exactOptional(),
      approvalId: told(number, 'While it is waiting: the approval that it waits for').exactOptional(),
      startedAt: told(instant, 'While it is in progress: when this attempt began').exactOptional(),
      progress: told(z.string(), 'While it is in progress: what it does now').exactOptional(),
      progressAt: instant.exactOptional(),
      completedAt: told(instant, 'When it ended, whatever its outcome').exactOptional(),
      resultSummary: z.string().exactOptional(),
      errorMessage: told(z.string(), 'Why it failed, was cancelled, or must be tried again').exactOptional(),
      deliveredAt: told(instant, 'When its outcome reached the chat').exactOptional(),
      attempts: count,
      dependsOn: told(z.array(number), 'The promises that it waits for'),
      labels: told(labels, 'What led to it and to its outcome').exactOptional(),
    }),
  'A background task that Kept has promised to do.',
);
export const promises = reply(() => z.object({ promises: z.array(promise()), next }));

export const schedule = named(
  'Schedule',
  () =>
    z.object({
      id: number,
      chatId: id,
      messageId: id.exactOptional(),
      status: z.enum(['active', 'ended']),
      ...task(),
      cron: z.string(),
      timeZone: z.string(),
      nextAt: told(instant, 'While it is active: when it makes its next promise').exactOptional(),
      endedAt: instant.exactOptional(),
      createdAt: instant,
      lastPromiseId: told(number, 'The promise that it made last').exactOptional(),
    }),
  'What makes promises again and again.',
);
export const schedules = reply(() => z.object({ schedules: z.array(schedule()), next }));
