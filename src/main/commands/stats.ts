import type { Command } from 'commander';
import { formatTable } from '../../adapters/terminal/index.ts';
import { statsView } from '../../adapters/views/index.ts';
import { MEASURED_KINDS, type MeasuredKind, type StatsRow, successRateOf } from '../../domain/index.ts';
import { durationWords } from '../../domain/shared/duration.ts';
import { present } from '../../domain/shared/present.ts';
import { print } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { argument, choiceOption, sinceOf, sinceTime } from './arguments.ts';
import { printJson, tableStyle } from './outcome.ts';
import { withContextToRead } from './with-context.ts';

interface StatsOptions {
  readonly since: string;
  readonly by?: MeasuredKind;
  readonly json?: boolean;
}

export const addStats = (program: Command): void => {
  program
    .command('stats')
    .description('show how often agents, tools, models and gateways worked, and how long they took')
    .option(
      '--since <time>',
      'only since then, up to eight days back: a span such as 1h, 1d or 7d, or a time such as 2026-11-23T09:00',
      argument(sinceOf),
      '1d',
    )
    .addOption(choiceOption('--by <kind>', 'only rows of that kind', MEASURED_KINDS))
    .option('--json', 'as JSON')
    .action(({ since, by, json }: StatsOptions) =>
      withContextToRead(async ({ get }) => {
        const { reportStats } = await get(TOKENS.queries);
        const { timeZone } = await get(TOKENS.config);
        const report = await reportStats({ since: sinceTime(since, timeZone), ...present({ by }) });
        if (json) return printJson(statsView(report));
        if (report.rows.length === 0) return print('Nothing was measured in that time. A process stores what it measures once a minute.');
        print(table(report.rows));
      }),
    );
};

const table = (rows: readonly StatsRow[]): string =>
  formatTable(
    rows.map((row) => ({
      kind: row.kind,
      name: row.name,
      count: row.count.toLocaleString('en-US'),
      success: percent(successRateOf(row)),
      avg: durationWords(row.avgMs),
      min: durationWords(row.minMs),
      p50: durationWords(row.p50Ms),
      p95: durationWords(row.p95Ms),
      p99: durationWords(row.p99Ms),
      max: durationWords(row.maxMs),
    })),
    [
      { key: 'kind', title: 'KIND' },
      { key: 'name', title: 'NAME' },
      { key: 'count', title: 'COUNT', align: 'right' },
      { key: 'success', title: 'SUCCESS', align: 'right' },
      { key: 'avg', title: 'AVG', align: 'right' },
      { key: 'min', title: 'MIN', align: 'right' },
      { key: 'p50', title: 'P50', align: 'right' },
      { key: 'p95', title: 'P95', align: 'right' },
      { key: 'p99', title: 'P99', align: 'right' },
      { key: 'max', title: 'MAX', align: 'right' },
    ],
    tableStyle(),
  );

/** Never 100 % where anything failed. */
const percent = (part: number): string => `${Math.floor(part * 1_000) / 10} %`;
