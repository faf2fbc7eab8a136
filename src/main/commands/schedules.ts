import type { Command } from 'commander';
import { formatTable, stripControl } from '../../adapters/terminal/index.ts';
import { scheduleView } from '../../adapters/views/index.ts';
import {
  type ChatId,
  clockTime,
  OPERATOR_ID,
  type Schedule,
  type ScheduleId,
  scheduleId,
  TASK_TYPES,
  type TaskType,
} from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { CommandError, print } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import {
  anyChatOption,
  argument,
  choiceOption,
  cronOf,
  limitOf,
  localChatOption,
  priorityOf,
  several,
  taskOf,
  timeZoneOf,
} from './arguments.ts';
import { printJson, tableStyle } from './outcome.ts';
import { tellEach, tellOutcome } from './tell-outcomes.ts';
import { withContext, withContextToRead, withContextToStop } from './with-context.ts';

interface Json {
  readonly json?: boolean;
}

export const addSchedules = (program: Command): void => {
  const schedules = program.command('schedules').description('recurring work: list, show, make, cancel');

  schedules
    .command('list')
    .description('list schedules, newest first')
    .option('--all', 'ended ones too')
    .addOption(anyChatOption('only this chat'))
    .option('--limit <n>', 'maximum number', argument(limitOf), 50)
    .option('--json', 'as JSON')
    .action(({ json, all, chat, limit }: Json & { all?: boolean; chat?: ChatId; limit: number }) =>
      withContextToRead(async ({ get }) => {
        const { listSchedules } = await get(TOKENS.queries);
        const found = await listSchedules({ limit, includeEnded: all ?? false, ...present({ chatId: chat }) });
        if (json) return printJson({ schedules: found.map(scheduleView) });
        print(found.length === 0 ? 'No schedules.' : table(found));
      }),
    );

  schedules
    .command('show')
    .description('show everything about a schedule')
    .argument('<id>', 'its number', argument(scheduleId))
    .option('--json', 'as JSON')
    .action((id: ScheduleId, { json }: Json) =>
      withContextToRead(async ({ get }) => {
        const schedule = await (await get(TOKENS.queries)).getSchedule(id);
        if (!schedule) throw new CommandError(`there is no schedule #${id}`, 'schedule/not-found');
        if (json) return printJson(scheduleView(schedule));
        for (const [name, value] of Object.entries(scheduleView(schedule))) print(`${name.padEnd(16)} ${stripControl(String(value))}`);
      }),
    );

  schedules
    .command('make')
    .description('make a schedule: each time it is due, a running worker makes a promise and keeps it')
    .argument('<description>', 'what to do, in words', argument(taskOf))
    .requiredOption(
      '--cron <fields>',
      'minute, hour, day of the month, month, day of the week, as "0 9 * * mon-fri"; or @hourly, @daily, @weekly, @monthly, @yearly',
      argument(cronOf),
    )
    .option(
      '--time-zone <name>',
      'time zone, such as Europe/Berlin (default: KEPT_TIME_ZONE, else that of this machine)',
      argument(timeZoneOf),
    )
    .addOption(choiceOption('--type <type>', 'kind of work', TASK_TYPES).default('analysis'))
    .option('--priority <n>', '1 (first) to 10 (last)', argument(priorityOf), 5)
    .addOption(localChatOption('the local chat that gets the results'))
    .option('--json', 'as JSON')
    .action((description: string, options: Json & { cron: string; timeZone?: string; type: TaskType; priority: number; chat: ChatId }) =>
      withContext(async ({ get }) => {
        const { cron, timeZone, type: taskType, priority, chat } = options;
        const request = { description, cron, taskType, priority, ...present({ timeZone }) };
        const { makeSchedule } = await get(TOKENS.commands);
        tellOutcome(await makeSchedule(request, { chatId: chat, chatKind: 'direct', requestedBy: { id: OPERATOR_ID } }), {
          ...options,
          ...WORDS,
        });
      }),
    );

  schedules
    .command('cancel')
    .description('end schedules; promises that they already made go on')
    .argument('<ids...>', 'their numbers', several(scheduleId))
    .option('--json', 'as JSON: an object for one, an array for several')
    .action((ids: readonly ScheduleId[], options: Json) =>
      withContextToStop(async ({ get }) => tellEach(ids, (await get(TOKENS.commands)).cancelSchedule, { ...options, ...WORDS })),
    );
};

const nextOf = (schedule: Schedule): string =>
  schedule.status === 'active' ? `${clockTime(schedule.nextAt, schedule.timeZone)} (${schedule.timeZone})` : 'ended';

const WORDS = {
  view: scheduleView,
  words: (schedule: Schedule): string =>
    `Schedule #${schedule.id} ${schedule.status === 'active' ? `is next on ${nextOf(schedule)}` : 'has ended'}.`,
};

const table = (schedules: readonly Schedule[]): string =>
  formatTable(
    schedules.map((schedule) => ({ id: `#${schedule.id}`, cron: schedule.cron, next: nextOf(schedule), task: schedule.description })),
    [
      { key: 'id', title: 'ID', align: 'right' },
      { key: 'cron', title: 'CRON' },
      { key: 'next', title: 'NEXT' },
      { key: 'task', title: 'TASK', flexible: true },
    ],
    tableStyle(),
  );
