import type { Command } from 'commander';
import { formatTable } from '../../adapters/terminal/index.ts';
import { usageView } from '../../adapters/views/index.ts';
import { type ChatId, inDollars, USAGE_GROUPS, type UsageGroup, type UsageSum } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { UsageReport } from '../../ports/index.ts';
import { print } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { anyChatOption, argument, choiceOption, limitOf, sinceOf, sinceTime } from './arguments.ts';
import { printJson, tableStyle } from './outcome.ts';
import { withContextToRead } from './with-context.ts';

interface UsageOptions {
  readonly by: UsageGroup;
  readonly since?: string;
  readonly chat?: ChatId;
  readonly limit: number;
  readonly json?: boolean;
}

export const addUsage = (program: Command): void => {
  program
    .command('usage')
    .description('show what models and priced tools used, and what it cost')
    .addOption(choiceOption('--by <group>', 'a row for each', USAGE_GROUPS).default('day'))
    .option(
      '--since <time>',
      'only since then: 2026-11-23, 2026-11-23T09:00, the last 09:00, or a span back from now such as 30d',
      argument(sinceOf),
    )
    .addOption(anyChatOption('only this chat'))
    .option('--limit <n>', 'maximum number of groups', argument(limitOf), 50)
    .option('--json', 'as JSON')
    .action(({ by, since, chat, limit, json }: UsageOptions) =>
      withContextToRead(async ({ get }) => {
        const { reportUsage } = await get(TOKENS.queries);
        const { timeZone } = await get(TOKENS.config);
        const from = since === undefined ? undefined : sinceTime(since, timeZone);
        const report = await reportUsage({ by, limit, ...present({ since: from, chatId: chat }) });
        if (json) return printJson(usageView(report));
        if (report.total.calls === 0) return print('Nothing was used.');
        print(table(report));
        for (const line of notes(report)) print(line);
      }),
    );
};

const NAMES: Readonly<Record<UsageGroup, string>> = {
  workspace: 'WORKSPACE',
  person: 'PERSON',
  agent: 'AGENT',
  tool: 'MODEL OR TOOL',
  day: 'DAY (UTC)',
};

const table = ({ by, rows, total }: UsageReport): string =>
  formatTable(
    [...rows.map((row) => line(row.key === '' ? '(none)' : row.key, row)), line('total', total)],
    [
      { key: 'group', title: NAMES[by] },
      { key: 'calls', title: 'CALLS', align: 'right' },
      { key: 'input', title: 'IN', align: 'right' },
      { key: 'output', title: 'OUT', align: 'right' },
      { key: 'cached', title: 'CACHED', align: 'right' },
      { key: 'cost', title: 'COST', align: 'right' },
    ],
    tableStyle(),
  );

const line = (group: string, sum: UsageSum) => ({
  group,
  calls: count(sum.calls),
  input: count(sum.inputTokens + sum.cacheReadTokens + sum.cacheWriteTokens),
  output: count(sum.outputTokens),
  cached: count(sum.cacheReadTokens),
  cost: sum.unpriced === sum.calls ? 'unknown' : `${inDollars(sum.cost)}${sum.unpriced > 0 ? ' *' : ''}`,
});

const notes = ({ total, reserved }: UsageReport): readonly string[] => [
  ...(reserved > 0 ? [`${inDollars(reserved)} is reserved for work that is under way.`] : []),
  ...(total.unpriced > 0
    ? [
        `${count(total.unpriced)} of ${count(total.calls)} calls have no price: prices.json can name it (docs/how-to/budgets-and-prices.md).`,
      ]
    : []),
];

const count = (n: number): string => n.toLocaleString('en-US');
