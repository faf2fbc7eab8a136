import { z } from 'zod';
import { decidedIn } from '../../domain/conversation/decision.ts';
import { TASK_TYPES } from '../../domain/promise/promise.ts';
import { type Schedule, scheduleId } from '../../domain/promise/schedule.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { clockTime } from '../../domain/shared/time.ts';
import { joined } from '../../domain/trust/labels.ts';
import type { Tool } from '../../ports/tool.ts';
import type { ListSchedules } from '../../ports/use-cases/queries.ts';
import type { DraftSchedule, DraftScheduleEnd } from '../../ports/use-cases/schedules.ts';
import { withAgent } from './agent-argument.ts';
import { boundedLines } from './bounded-text.ts';
import { defineTool, failure, overStorage } from './define-tool.ts';
import { askedMessage, message } from './promise-tools.ts';

/** What the tools need of the application. */
export interface ScheduleToolDeps {
  readonly draftSchedule: DraftSchedule;
  readonly listSchedules: ListSchedules;
  readonly endSchedule: DraftScheduleEnd;
  /** An IANA name: the time zone of a schedule that names no other. */
  readonly timeZone: string;
  /**
   * Names of the agents that keep promises; the first is the default of a schedule. Leave it out if there is only one.
   */
  readonly agents?: readonly string[] | undefined;
}

/**
 * Tools for recurring work of the chat that a turn answers: `schedule_promise`, `list_schedules`,
 * `cancel_schedule`.
 */
export const makeScheduleTools = (deps: ScheduleToolDeps): Tool[] => {
  const { draftSchedule, listSchedules, endSchedule, timeZone, agents = [] } = deps;
  return [
    defineTool({
      name: 'schedule_promise',
      description:
        'Makes a schedule: at each of its times a promise is made by itself, and its result comes to this chat. For what is to be done again and again.',
      schema: withAgent(
        z.object({
          description: z.string().trim().min(1).max(10_000).describe('The whole task, in words that make sense without this conversation'),
          cron: z
            .string()
            .min(1)
            .max(200)
            .describe(
              'Minute, hour, day of the month, month, day of the week: 0 9 * * 1-5 is at 9:00 from Monday to Friday; or @hourly, @daily, @weekly, @monthly, @yearly',
            ),
          time_zone: z.string().min(1).max(100).optional().describe(`IANA name, such as Europe/Berlin; ${timeZone} when left out`),
          task_type: z.enum(TASK_TYPES).optional().describe('The kind of work; analysis when left out'),
          priority: z.number().int().min(1).max(10).optional().describe('1 is first, 10 is last; 5 when left out'),
          message,
        }),
        agents,
      ),
      effect: 'decides',
      activity: 'making a schedule',
      run: async ({ description, cron, time_zone, task_type, priority, message, agent }, context) => {
        const request = {
          description,
          cron,
          ...present({ agent, timeZone: time_zone, taskType: task_type, priority }),
          ...(message === undefined ? {} : { messageId: askedMessage(message, context) }),
        };
        const drafted = await draftSchedule(request, context);
        if (!drafted.ok) return failure(`Nothing was scheduled: ${drafted.error.message}`);
        return `Schedule #${drafted.value.id} is made with this reply: ${lineOf(drafted.value)}. Tell the person its number and when it is next.`;
      },
    }),

    defineTool({
      name: 'list_schedules',
      description: 'Lists the schedules of this chat that have not ended, newest first, with their numbers and next times.',
      schema: z.object({}),
      effect: 'reads',
      activity: 'looking at schedules',
      run: async (_, { chatId, draft }) => {
        const decided = decidedIn(draft);
        const schedules = [...decided.schedules.toReversed(), ...(await listSchedules({ chatId }))];
        if (schedules.length === 0) return 'This chat has no schedules.';
        const lines = schedules.map((schedule) => {
          const ends = decided.endedSchedules.includes(schedule.id) ? ' – is cancelled with this reply' : '';
          return `#${schedule.id} ${lineOf(schedule)}${ends}`;
        });
        return { output: boundedLines([], lines), isError: false, provenance: joined(schedules.map(({ provenance }) => provenance)) };
      },
    }),

    defineTool({
      name: 'cancel_schedule',
      description: 'Ends a schedule of this chat. Promises that it has made stand.',
      schema: z.object({ id: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).describe("The schedule's number") }),
      effect: 'decides',
      activity: 'ending a schedule',
      run: async ({ id }, context) => {
        const ended = await endSchedule(scheduleId(id), context);
        return ended.ok ? `Schedule #${id} is cancelled with this reply.` : failure(`Nothing was cancelled: ${ended.error.message}`);
      },
    }),
  ].map(overStorage);
};

const lineOf = (schedule: Schedule): string => {
  const next = schedule.status === 'active' ? `next ${clockTime(schedule.nextAt, schedule.timeZone)}` : 'ended';
  return `[${schedule.cron}, ${schedule.timeZone}; ${next}] ${lineExcerpt(schedule.description, 300)}`;
};
