import type { Command } from 'commander';
import { clip, oneLine } from '../../adapters/terminal/index.ts';
import { promiseView } from '../../adapters/views/index.ts';
import {
  type AgentPromise,
  type ChatId,
  commandHint,
  isSettled,
  OPERATOR_ID,
  PROMISE_STATUSES,
  type PromiseId,
  promiseId,
  TASK_TYPES,
  type TaskType,
  timesAhead,
} from '../../domain/index.ts';
import { statusInWords } from '../../domain/promise/status-in-words.ts';
import { plural } from '../../domain/shared/plural.ts';
import { present } from '../../domain/shared/present.ts';
import { print } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { argument, choiceOption, keyOf, localChatOption, priorityOf, several, spanOf, taskOf, timeOf, timeTextOf } from './arguments.ts';
import { addListing } from './list-promises.ts';
import { whyNotAgent } from './named-agent.ts';
import { printJson } from './outcome.ts';
import { tellEach, tellOutcome } from './tell-outcomes.ts';
import { warnIfIdle } from './warn-idle.ts';
import { withContext, withContextToRead, withContextToStop } from './with-context.ts';

interface Json {
  readonly json?: boolean;
}

export const addPromises = (program: Command): void => {
  const promises = program.command('promises').description('background work: list, show, make, cancel, retry');

  addListing(promises);

  promises
    .command('stats')
    .description('count promises by status')
    .option('--json', 'as JSON')
    .action(({ json }: Json) =>
      withContextToRead(async ({ get }) => {
        const stats = await (await get(TOKENS.queries)).countPromises();
        if (json) return printJson(stats);
        for (const status of PROMISE_STATUSES) print(`${status.padEnd(12)} ${stats[status]}`);
      }),
    );

  promises
    .command('make')
    .description('make a promise: a running worker does the work, and the result comes to the chat')
    .argument('<description>', 'what to do, in words', argument(taskOf))
    .addOption(choiceOption('--type <type>', 'kind of work', TASK_TYPES).default('analysis'))
    .option('--agent <name>', `the agent that does the work; ${commandHint('agent list')} lists them (default: valor_agent)`)
    .option('--priority <n>', '1 (first) to 10 (last)', argument(priorityOf), 5)
    .option(
      '--after <ids>',
      'promises that must complete first, such as 3,4',
      argument((text) => text.split(',').map((id) => promiseId(id.trim()))),
    )
    .option(
      '--at <time>',
      'earliest start: 17:00, tomorrow 09:00, 2026-11-23T09:00 (with or without an offset), or a span from now such as 90m',
      argument(timeTextOf),
    )
    .option('--deadline <time>', 'fail unless it is done by then; same forms as --at', argument(timeTextOf))
    .option('--key <key>', 'make at most one promise with this key, until that promise is purged', argument(keyOf))
    .addOption(localChatOption('the local chat that gets the result'))
    .option('--json', 'as JSON')
    .action(
      (
        description: string,
        options: Json & {
          type: TaskType;
          priority: number;
          agent?: string;
          after?: PromiseId[];
          at?: string;
          deadline?: string;
          key?: string;
          chat: ChatId;
        },
      ) =>
        withContext(async ({ get }) => {
          const makePromise = (await get(TOKENS.commands)).makePromise;
          const config = await get(TOKENS.config);
          const { timeZone } = config;
          const { type: taskType, priority, agent, after: dependsOn, at, deadline, key: idempotencyKey, chat, json } = options;
          const wrong = agent === undefined ? undefined : whyNotAgent(agent, config);
          if (wrong) throw wrong;
          const request = {
            description,
            taskType,
            priority,
            ...(dependsOn ? { dependsOn } : {}),
            ...(at === undefined ? {} : { notBefore: timeOf(at, timeZone) }),
            ...(deadline === undefined ? {} : { deadline: timeOf(deadline, timeZone) }),
            ...present({ agent, idempotencyKey }),
          };
          const made = await makePromise(request, { chatId: chat, chatKind: 'direct', requestedBy: { id: OPERATOR_ID } });
          tellOutcome(made, {
            json,
            view: ({ promise }) => promiseView(promise),
            words: ({ promise, isNew }) => (isNew ? sentence(promise, timeZone) : madeBefore(promise)),
          });
          if (made.ok && !isSettled(made.value.promise)) await warnIfIdle(config);
        }),
    );

  promises
    .command('purge')
    .description('delete old promises that ended and whose outcome was delivered; running workers do this on their own')
    .option('--older-than <span>', 'minimum time since the promise ended: 7d, 12h, 90m (default: PROMISE_RETENTION_DAYS)', argument(spanOf))
    .option('--dry-run', 'only count them')
    .option('--json', 'as JSON')
    .action(({ olderThan, dryRun = false, json }: Json & { olderThan?: number; dryRun?: boolean }) =>
      withContext(async ({ get }) => {
        const { purgePromises } = await get(TOKENS.commands);
        const purged = await purgePromises({ dryRun, ...present({ olderThanMs: olderThan }) });
        if (json) return printJson({ purged, dryRun });
        print(`${plural(purged, 'promise')} ${dryRun ? 'would be purged' : 'purged'}.`);
      }),
    );

  for (const [name, what, action] of [
    ['cancel', 'cancel promises that have not ended', 'cancelPromise'],
    ['retry', 'run failed or cancelled promises again', 'retryPromise'],
  ] as const)
    promises
      .command(name)
      .description(what)
      .argument('<ids...>', 'their numbers', several(promiseId))
      .option('--json', 'as JSON: an object for one, an array for several')
      .action((ids: readonly PromiseId[], { json }: Json) =>
        (name === 'cancel' ? withContextToStop : withContext)(async ({ get }) => {
          const command = (await get(TOKENS.commands))[action];
          const config = await get(TOKENS.config);
          const words = (promise: AgentPromise): string => sentence(promise, config.timeZone);
          await tellEach(ids, command, { json, view: promiseView, words });
          if (name === 'retry') await warnIfIdle(config);
        }),
      );
};

/** `Promise #6 is pending, from 2026-11-23 09:00, by 2026-11-24 18:00 (Europe/Berlin).` */
const sentence = (promise: AgentPromise, timeZone: string): string => {
  const times = timesAhead(promise, timeZone);
  const state = [`Promise #${promise.id} is ${statusInWords(promise)}`, ...times].join(', ');
  return `${state}${times.length > 0 ? ` (${timeZone})` : ''}.`;
};

const madeBefore = ({ id, description }: AgentPromise): string =>
  `Promise #${id} already has this key (${clip(oneLine(description), 60)}); no new promise was made.`;
