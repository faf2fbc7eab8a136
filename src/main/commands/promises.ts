import { type Command, Option } from 'commander';
import { promiseView } from '../../adapters/http/views.ts';
import { formatTable, stripControl } from '../../adapters/terminal/index.ts';
import {
  type AgentPromise,
  chatId,
  DEFAULT_LOCAL_CHAT,
  localChatId,
  OPERATOR_ID,
  PROMISE_STATUSES,
  type PromiseId,
  type PromiseStatus,
  promiseId,
  type Result,
  TASK_TYPES,
  type TaskType,
} from '../../domain/index.ts';
import { TOKENS } from '../tokens.ts';
import { argument, limitOf, priorityOf, spanOf, timeOf } from './arguments.ts';
import { CommandError, print, printJson } from './outcome.ts';
import { withRoot } from './with-root.ts';

interface Json {
  readonly json?: boolean;
}

export const addPromises = (program: Command): void => {
  const promises = program.command('promises').description('background work: list, look into, make, cancel, try again');

  promises
    .command('list')
    .description('promises, newest first')
    .addOption(new Option('--status <status...>', 'only these').choices([...PROMISE_STATUSES]))
    .option('--chat <id>', 'only of this chat', argument(chatId))
    .option('--limit <n>', 'at the most', argument(limitOf), 50)
    .option('--json', 'as JSON')
    .action(({ json, status, chat, limit: most }: Json & { status?: PromiseStatus[]; chat?: ReturnType<typeof chatId>; limit: number }) =>
      withRoot(async ({ get }) => {
        const { stores } = await get(TOKENS.storage);
        const filter = { ...(status ? { statuses: status } : {}), ...(chat === undefined ? {} : { chatId: chat }) };
        const found = await stores.promises.find({ ...filter, newestFirst: true, limit: most });
        if (json) return printJson({ promises: found.map(promiseView) });
        print(found.length === 0 ? 'No promises.' : table(found));
      }),
    );

  promises
    .command('show')
    .description('everything about one promise')
    .argument('<id>', 'its number', argument(promiseId))
    .option('--json', 'as JSON')
    .action((id: PromiseId, { json }: Json) =>
      withRoot(async ({ get }) => {
        const promise = await (await get(TOKENS.storage)).stores.promises.get(id);
        if (!promise) throw new CommandError(`there is no promise #${id}`);
        if (json) return printJson(promiseView(promise));
        for (const [name, value] of Object.entries(promiseView(promise)))
          print(`${name.padEnd(16)} ${stripControl(typeof value === 'object' ? JSON.stringify(value) : String(value))}`);
      }),
    );

  promises
    .command('stats')
    .description('how many promises there are in each status')
    .option('--json', 'as JSON')
    .action(({ json }: Json) =>
      withRoot(async ({ get }) => {
        const stats = await (await get(TOKENS.storage)).stores.promises.stats();
        if (json) return printJson(stats);
        for (const status of PROMISE_STATUSES) print(`${status.padEnd(12)} ${stats[status]}`);
      }),
    );

  promises
    .command('make')
    .description('make a promise; a running worker keeps it, and its result comes to the chat')
    .argument('<description>', 'what to do, in words')
    .addOption(new Option('--type <type>', 'kind of work').choices([...TASK_TYPES]).default('analysis'))
    .option('--priority <n>', '1 (first) to 10 (last)', argument(priorityOf), 5)
    .option(
      '--after <ids>',
      'promises that must be kept before, as 3,4',
      argument((text) => text.split(',').map((id) => promiseId(id.trim()))),
    )
    .option('--at <time>', 'not to be started before: 2026-11-23T09:00, with or without an offset, or from now on as PT90M')
    .option('--deadline <time>', 'it fails when it is not done by then; written likewise')
    .option('--key <key>', 'at most one promise is made for a key, until that is purged')
    .option('--chat <id>', 'the local chat that gets the result', argument(localChatId), DEFAULT_LOCAL_CHAT)
    .option('--json', 'as JSON')
    .action(
      (
        description: string,
        options: Json & {
          type: TaskType;
          priority: number;
          after?: PromiseId[];
          at?: string;
          deadline?: string;
          key?: string;
          chat: ReturnType<typeof chatId>;
        },
      ) =>
        withRoot(async ({ get }) => {
          const makePromise = (await get(TOKENS.commands)).makePromise;
          const { timeZone } = await get(TOKENS.config);
          const { type: taskType, priority, after: dependsOn, at, deadline, key: idempotencyKey, chat } = options;
          const request = {
            description,
            taskType,
            priority,
            ...(dependsOn ? { dependsOn } : {}),
            ...(at === undefined ? {} : { notBefore: timeOf(at, timeZone) }),
            ...(deadline === undefined ? {} : { deadline: timeOf(deadline, timeZone) }),
            ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
          };
          tell(await makePromise(request, { chatId: chat, requestedBy: { id: OPERATOR_ID } }), options);
        }),
    );

  promises
    .command('purge')
    .description('delete promises that ended long ago and whose outcome was delivered; running workers do so by themselves')
    .option('--older-than <span>', 'ended at least so long ago: 7d, 12h, 90m (default: PROMISE_RETENTION_DAYS)', argument(spanOf))
    .option('--dry-run', 'only count them')
    .option('--json', 'as JSON')
    .action(({ olderThan, dryRun = false, json }: Json & { olderThan?: number; dryRun?: boolean }) =>
      withRoot(async ({ get }) => {
        const { purgePromises } = await get(TOKENS.commands);
        const purged = await purgePromises({ dryRun, ...(olderThan === undefined ? {} : { olderThanMs: olderThan }) });
        if (json) return printJson({ purged, dryRun });
        print(`${purged} ${purged === 1 ? 'promise' : 'promises'} ${dryRun ? 'would be purged' : 'purged'}.`);
      }),
    );

  for (const [name, what, action] of [
    ['cancel', 'end a promise that has not ended', 'cancelPromise'],
    ['retry', 'run a failed or cancelled promise again', 'retryPromise'],
  ] as const)
    promises
      .command(name)
      .description(what)
      .argument('<id>', 'its number', argument(promiseId))
      .option('--json', 'as JSON')
      .action((id: PromiseId, options: Json) => withRoot(async ({ get }) => tell(await (await get(TOKENS.commands))[action](id), options)));
};

const tell = (outcome: Result<AgentPromise, { readonly message: string }>, { json }: Json): void => {
  if (!outcome.ok) throw new CommandError(outcome.error.message);
  if (json) printJson(promiseView(outcome.value));
  else print(`Promise #${outcome.value.id} is ${outcome.value.status.replace('_', ' ')}.`);
};

const table = (promises: readonly AgentPromise[]): string =>
  formatTable(
    promises.map(({ id, status, taskType, createdAt, description }) => ({
      ...{ id: `#${id}`, status, type: taskType, task: description },
      made: new Date(createdAt).toISOString().slice(0, 19).replace('T', ' '),
    })),
    [
      { key: 'id', title: 'ID', align: 'right' },
      { key: 'status', title: 'STATUS' },
      { key: 'type', title: 'TYPE' },
      { key: 'made', title: 'MADE (UTC)' },
      { key: 'task', title: 'TASK', flexible: true },
    ],
    { width: process.stdout.columns ?? 120, color: process.stdout.isTTY === true },
  );
