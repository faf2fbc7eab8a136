import type { Schedule } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { iso } from './iso.ts';

/** A schedule as JSON; times are ISO 8601 in UTC. */
export const scheduleView = (schedule: Schedule) => ({
  id: schedule.id,
  chatId: schedule.chatId,
  ...present({ messageId: schedule.messageId }),
  status: schedule.status,
  taskDescription: schedule.description,
  agent: schedule.agent,
  taskType: schedule.taskType,
  cron: schedule.cron,
  timeZone: schedule.timeZone,
  ...(schedule.status === 'active' ? { nextAt: iso(schedule.nextAt) } : { endedAt: iso(schedule.endedAt) }),
  createdAt: iso(schedule.createdAt),
  priority: schedule.priority,
  ...present({ lastPromiseId: schedule.lastPromiseId }),
});
