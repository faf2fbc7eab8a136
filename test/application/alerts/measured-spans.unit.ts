import { expect } from 'chai';
import { makeMeasuredSpans } from '../../../src/application/alerts/measured-spans.ts';
import type { StatsRow } from '../../../src/domain/stats/stats-row.ts';

const row = (kind: StatsRow['kind'], name: string, count: number, failures: number, sumMs: number): StatsRow => ({
  kind,
  name,
  count,
  failures,
  sumMs,
  avgMs: sumMs / count,
  minMs: 0,
  maxMs: sumMs,
  p50Ms: 0,
  p95Ms: 0,
  p99Ms: 0,
});

describe('What rules of alerts read of stats', () => {
  it('adds up runs of agents, and answers but for those of commands', async () => {
    const rows = [
      row('agent', 'telegram_chat_agent', 10, 1, 50_000),
      row('agent', 'valor_agent', 5, 2, 90_000),
      row('turn', 'telegram_chat_agent', 4, 0, 24_000),
      row('turn', 'commands', 400, 0, 400),
      row('model', 'anthropic/a', 40, 9, 9_000),
    ];
    let asked: unknown;
    const measured = makeMeasuredSpans(async (query) => {
      asked = query;
      return { since: 1, until: 2, rows };
    });
    expect(await measured(1, 2)).to.deep.equal({ runs: 15, failedRuns: 3, answers: 4, answersMs: 24_000 });
    expect(asked).to.deep.equal({ since: 1, until: 2 });
  });
});
