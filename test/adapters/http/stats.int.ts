import { expect } from 'chai';
import { makeSketchBuilder, statsRow } from '../../../src/domain/index.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

describe('HTTP: stats', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('has the fields that others build on, and refuses what it does not know', async () => {
    const { ask, api } = await open();
    const asked: unknown[] = [];
    const builder = makeSketchBuilder();
    for (const ms of [100, 100, 100, 4_000]) builder.add(ms, ms > 1_000);
    api.reportStats = async (query) => {
      asked.push(query);
      return { since: 0, until: 0, rows: [statsRow({ kind: 'tool', name: 'search_web', sketch: builder.read() })] };
    };
    const { status, body } = await ask('GET', '/api/stats?by=tool&since=2026-11-01T00:00:00Z');
    expect(status).to.equal(200);
    expect(body).to.deep.equal({
      rows: [
        {
          kind: 'tool',
          name: 'search_web',
          count: 4,
          success_rate: 0.75,
          avg_ms: 1_075,
          min_ms: 100,
          max_ms: 4_000,
          p50_ms: 102,
          p95_ms: 4_000,
          p99_ms: 4_000,
        },
      ],
    });
    await ask('GET', '/api/stats?since=2h');
    await ask('GET', '/api/stats');
    expect(asked[0]).to.deep.equal({ by: 'tool', since: Date.UTC(2026, 10, 1) });
    expect(Date.now() - (asked[1] as { since: number }).since).to.be.within(7_200_000, 7_260_000);
    expect(asked[2]).to.deep.equal({});
    const wrong = await ask('GET', '/api/stats?by=month&since=soon');
    expect([wrong.status, wrong.body.error.message]).to.deep.equal([
      400,
      'by: must be among agent, tool, model, gateway, workspace, turn, promise, commit; since: must be a span such as 1h, 1d or 7d, or a time such as 2026-11-23T09:00:00Z',
    ]);
    expect((await ask('POST', '/api/stats', {})).status).to.equal(405);
  });

  it('is said not to be offered, where the host measures nothing', async () => {
    const { ask, api } = await open();
    delete api.reportStats;
    const { status, body } = await ask('GET', '/api/stats');
    expect([status, body.error.code, body.error.hint]).to.deep.equal([
      404,
      'stats/not-offered',
      'the host of this server gives it no `reportStats`',
    ]);
  });
});
