import type { Command } from 'commander';
import { formatTable, stripControl } from '../../adapters/terminal/index.ts';
import { promiseView, runStepViews } from '../../adapters/views/index.ts';
import {
  type AgentPromise,
  type ChatId,
  clockTime,
  commandHint,
  PROMISE_STATUSES,
  type PromiseId,
  type PromiseStatus,
  promiseId,
  stepsInWords,
  TASK_TYPES,
  type TaskType,
} from '../../domain/index.ts';
import { statusInWords } from '../../domain/promise/status-in-words.ts';
import { present } from '../../domain/shared/present.ts';
import { CommandError, print } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { anyChatOption, argument, choiceOption, limitOf } from './arguments.ts';
import { followPromise, followPromises } from './follow-promises.ts';
import { printJson, tableStyle, valueIn } from './outcome.ts';
import { withContextToRead } from './with-context.ts';

interface ListOptions {
  readonly status?: PromiseStatus[];
  readonly type?: TaskType[];
  readonly workspace?: string;
  readonly chat?: ChatId;
  readonly limit: number;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** `kept promises list` and `kept promises show`. */
export const addListing = (promises: Command): void => {
  promises
    .command('list')
    .description('list promises, newest first')
    .addOption(choiceOption('--status <status...>', 'only these', PROMISE_STATUSES))
    .addOption(choiceOption('--type <type...>', 'only these kinds of work', TASK_TYPES))
    .option('--workspace <name>', 'only this workspace, by name or alias')
    .addOption(anyChatOption('only this chat'))
    .option('--limit <n>', 'maximum number', argument(limitOf), 50)
    .option('--follow', 'then print each change, until Ctrl-C')
    .option('--json', 'as JSON; with --follow a line each')
    .action(({ json, follow, status, type, workspace, chat, limit: most }: ListOptions) =>
      withContextToRead(
        async (root) => {
          const { listPromises, findWorkspace } = await root.get(TOKENS.queries);
          const { timeZone } = await root.get(TOKENS.config);
          const filter = {
            ...present({ chatId: chat }),
            ...(type ? { taskTypes: type } : {}),
            ...(workspace === undefined ? {} : { workspace: valueIn(findWorkspace(workspace)).name }),
          };
          if (follow) return followPromises(root, { filter, json: json ?? false, limit: most, ...(status ? { statuses: status } : {}) });
          const found = await listPromises({ ...filter, ...present({ statuses: status }), limit: most });
          if (json) return printJson({ promises: found.map(promiseView) });
          print(found.length === 0 ? 'No promises.' : table(found, timeZone));
        },
        { follows: follow ?? false },
      ),
    );

  promises
    .command('show')
    .description('show everything about a promise')
    .argument('<id>', 'its number', argument(promiseId))
    .option('--follow', 'then print each change until it ends (exit code 0 if it completes, else 1), or Ctrl-C')
    .option('--json', 'as JSON; with --follow a line each')
    .action((id: PromiseId, { json = false, follow }: { readonly json?: boolean; readonly follow?: boolean }) =>
      withContextToRead(
        async (root) => {
          const { getPromise, getSteps } = await root.get(TOKENS.queries);
          const promise = await getPromise(id);
          if (!promise) throw new CommandError(`there is no promise #${id}`, 'promise/not-found');
          if (follow) return followPromise(root, id, json);
          const steps = await getSteps(id);
          if (json) return printJson({ ...promiseView(promise), steps: runStepViews(steps) });
          for (const [name, value] of Object.entries(promiseView(promise)))
            print(`${name.padEnd(16)} ${stripControl(typeof value === 'object' ? JSON.stringify(value) : String(value))}`);
          if (promise.status === 'waiting' && promise.approvalId !== undefined)
            print(`It waits for approval #${promise.approvalId}: ${commandHint(`approvals show ${promise.approvalId}`)}`);
          for (const line of stepsInWords(steps)) print(stripControl(line));
        },
        { follows: follow ?? false },
      ),
    );
};

const table = (promises: readonly AgentPromise[], timeZone: string): string =>
  formatTable(
    promises.map((promise) => ({
      id: `#${promise.id}`,
      status: promise.status === 'waiting' ? statusInWords(promise) : promise.status,
      type: promise.taskType,
      task: promise.description,
      made: clockTime(promise.createdAt, timeZone),
    })),
    [
      { key: 'id', title: 'ID', align: 'right' },
      { key: 'status', title: 'STATUS' },
      { key: 'type', title: 'TYPE' },
      { key: 'made', title: `MADE (${timeZone})` },
      { key: 'task', title: 'TASK', flexible: true },
    ],
    tableStyle(),
  );
