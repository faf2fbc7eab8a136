import { OWN_ANSWERS } from '../../domain/conversation/turn.ts';
import type { StatsRow } from '../../domain/stats/stats-row.ts';
import type { ReportStats } from '../../ports/use-cases/stats.ts';
import type { AlertSources } from './sources.ts';

/**
 * What stats have measured, for rules. Answers that no model gave are none: they would hide how slow the others are.
 */
export const makeMeasuredSpans =
  (reportStats: ReportStats): NonNullable<AlertSources['measured']> =>
  async (since, until) => {
    const { rows } = await reportStats({ since, until });
    const runs = rows.filter(({ kind }) => kind === 'agent');
    const answers = rows.filter(({ kind, name }) => kind === 'turn' && name !== OWN_ANSWERS);
    const sum = (of: readonly StatsRow[], value: (row: StatsRow) => number): number => of.reduce((all, row) => all + value(row), 0);
    return {
      runs: sum(runs, ({ count }) => count),
      failedRuns: sum(runs, ({ failures }) => failures),
      answers: sum(answers, ({ count }) => count),
      answersMs: sum(answers, ({ sumMs }) => sumMs),
    };
  };
