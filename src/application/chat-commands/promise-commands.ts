import type { ChatId } from '../../domain/chat/ids.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { promiseCommandWords as words } from '../../domain/promise/command-words.ts';
import { type AgentPromise, type PromiseId, promiseId } from '../../domain/promise/promise.ts';
import { type Schedule, type ScheduleId, scheduleId } from '../../domain/promise/schedule.ts';
import { timesAhead } from '../../domain/promise/times.ts';
import type { PromiseCommand } from '../../domain/promise/transition.ts';
import { InvalidValueError } from '../../domain/shared/brand.ts';
import { clockTime } from '../../domain/shared/time.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { taskLine } from '../presence/progress-text.ts';
import { makeListPromises } from '../promises/list-promises.ts';
import { commandPromise } from '../promises/store-promises.ts';
import { endStored } from '../schedules/end-schedule.ts';
import { makeListSchedules } from '../schedules/list-schedules.ts';
import type { CommandReply } from './command-reply.ts';
import { refusedRight } from './refused-right.ts';

const MAX_LISTED = 20;

/** `/promises`, `/cancel` and `/retry`. Only a chat's own promises and schedules are in its reach. */
export const makePromiseCommands = (deps: {
  readonly stores: Pick<Stores, 'promises' | 'schedules'>;
  readonly policy: AccessPolicy;
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Randomness;
  readonly timeZone?: string;
}) => {
  const listPromises = makeListPromises(deps.stores);
  const listSchedules = makeListSchedules(deps.stores);
  const refusal = (record: InboxMessage, name: 'cancel' | 'retry', { requestedBy }: Pick<AgentPromise, 'requestedBy'>) =>
    refusedRight(deps.policy, record, requestedBy.id === record.message.sender.id ? `${name}-own` : `${name}-others`);
  const command =
    (name: 'cancel' | 'retry', commandAt: (at: number) => PromiseCommand, done: (id: PromiseId) => string) =>
    (argument: string, record: InboxMessage): CommandReply => {
      const id = read(promiseId, argument);
      if (id === undefined) return words.whichPromise(name);
      return async (stores, at) => {
        const promise = await stores.promises.get(id);
        if (promise?.chatId !== record.message.chat.id) return words.noSuchPromise(id);
        const refused = refusal(record, name, promise);
        if (refused) return refused(stores, at);
        const moved = await commandPromise(stores, id, commandAt(at), deps.randomness);
        return moved && !moved.ok ? words.notDone(moved.error.message) : done(id);
      };
    };
  const cancelPromise = command('cancel', (at) => ({ type: 'cancel', at, reason: 'As you asked.' }), words.cancelled);
  const retryPromise = command('retry', (at) => ({ type: 'retry', at }), words.retried);
  const cancelSchedule =
    (id: ScheduleId, record: InboxMessage): CommandReply =>
    async (stores, at) => {
      const schedule = await stores.schedules.get(id);
      if (schedule?.chatId !== record.message.chat.id) return words.noSuchSchedule(id);
      const refused = refusal(record, 'cancel', schedule);
      if (refused) return refused(stores, at);
      const ended = await endStored(stores, id, at);
      return ended.ok ? words.scheduleEnded(id) : words.notDone(ended.error.message);
    };
  return {
    list: async (chatId: ChatId): Promise<string> => {
      const promises = await listPromises({ chatId, limit: MAX_LISTED });
      const schedules = await listSchedules({ chatId, limit: MAX_LISTED });
      const lines = promises.length === 0 ? [words.noPromises] : promises.map((promise) => inLine(promise, deps.timeZone ?? 'UTC'));
      return [...lines, ...(schedules.length > 0 ? ['', 'Again and again:', ...schedules.map(scheduleInLine)] : [])].join('\n');
    },
    cancel: (argument: string, record: InboxMessage): CommandReply => {
      const number = /^schedule\s+(#?\d+)$/i.exec(argument)?.[1];
      const schedule = number === undefined ? undefined : read(scheduleId, number);
      return schedule === undefined ? cancelPromise(argument, record) : cancelSchedule(schedule, record);
    },
    retry: retryPromise,
  };
};

const inLine = (promise: AgentPromise, timeZone: string): string => {
  const { id, status, description } = promise;
  const notes = [
    ...(promise.status === 'in_progress' && promise.progress ? [promise.progress.text] : []),
    ...(promise.status === 'waiting' && promise.approvalId !== undefined ? [`waiting for approval #${promise.approvalId}`] : []),
    ...timesAhead(promise, timeZone),
  ];
  return `#${id} ${status.replace('_', ' ')}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}: ${taskLine(description)}`;
};

const scheduleInLine = (schedule: Schedule): string => {
  const next = schedule.status === 'active' ? `, next ${clockTime(schedule.nextAt, schedule.timeZone)}` : '';
  return `Schedule #${schedule.id} (${schedule.cron}, ${schedule.timeZone}${next}): ${taskLine(schedule.description)}`;
};

const read = <Id>(construct: (raw: string) => Id, argument: string): Id | undefined => {
  try {
    return construct(argument);
  } catch (error) {
    if (error instanceof InvalidValueError) return undefined;
    throw error;
  }
};
