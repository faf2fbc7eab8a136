import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import { buildMeasurements, sketchesOf } from '../../src/testing/index.ts';
import type { Site } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';
import { makeStoredSite } from '../support/stored-site.ts';

const HOUR = 3_600_000;
const MEASURED = sketchesOf([
  { kind: 'tool', name: 'search_web', ms: 100 },
  { kind: 'tool', name: 'search_web', ms: 100 },
  { kind: 'tool', name: 'search_web', ms: 9_500, failed: true },
  { kind: 'agent', name: 'valor_agent', ms: 95_000 },
  { kind: 'workspace', name: '(none)', ms: 1_500_000 },
]);

/** A Kept that does not run, with what it measured two hours ago, and three days ago. */
const openSite = (): Promise<Site> =>
  makeStoredSite(async (stores) => {
    await stores.sketches.add(buildMeasurements('new', { until: Date.now() - 2 * HOUR, sketches: MEASURED }));
    await stores.sketches.add(buildMeasurements('old', { until: Date.now() - 72 * HOUR }));
  });

describe('Stats by command line', function () {
  this.timeout(60_000);
  let site: Site;
  before(async () => {
    site = await openSite();
  });
  after(() => site.remove());
  const stats = (...words: string[]) => runKept(site, ['stats', ...words]);
  const kinds = async (...words: string[]) =>
    (JSON.parse((await stats(...words, '--json')).stdout) as { rows: { kind: string; name: string }[] }).rows.map(
      ({ kind, name }) => `${kind} ${name}`,
    );

  it('shows how often things worked and how long they took, of the last day', async () => {
    const { stdout, code } = await stats();
    expect(code).to.equal(0);
    expect(stdout.trimEnd().split('\n')).to.deep.equal([
      'KIND       NAME         COUNT  SUCCESS     AVG     MIN     P50     P95     P99     MAX',
      'agent      valor_agent      1    100 %    95 s    95 s    95 s    95 s    95 s    95 s',
      'tool       search_web       3   66.6 %   3.2 s  100 ms  102 ms   9.5 s   9.5 s   9.5 s',
      'workspace  (none)           1    100 %  25 min  25 min  25 min  25 min  25 min  25 min',
    ]);
  });

  it('has the fields that others build on as JSON', async () => {
    expect(JSON.parse((await stats('--by', 'tool', '--json')).stdout)).to.deep.equal({
      rows: [
        {
          kind: 'tool',
          name: 'search_web',
          count: 3,
          success_rate: 0.6666,
          avg_ms: 3_233,
          min_ms: 100,
          max_ms: 9_500,
          p50_ms: 102,
          p95_ms: 9_500,
          p99_ms: 9_500,
        },
      ],
    });
  });

  it('goes as far back as it is asked to', async () => {
    expect(await kinds('--since', '7d', '--by', 'agent')).to.deep.equal(['agent tester', 'agent valor_agent']);
    expect(await kinds('--since', '1h')).to.deep.equal([]);
    expect((await stats('--since', '1h')).stdout.trim()).to.equal(
      'Nothing was measured in that time. A process stores what it measures once a minute.',
    );
  });

  it('refuses what it does not know', async () => {
    expect((await stats('--by', 'month')).code).to.equal(2);
    expect((await stats('--since', 'soon')).code).to.equal(2);
  });

  it('says what to do with a database of before', async () => {
    const former = await openSite();
    const database = new Database(former.database);
    database.exec("DROP TABLE sketches; DELETE FROM schema_migrations WHERE name LIKE 'Sketches%'");
    database.close();
    const { stderr, code } = await runKept(former, ['stats']);
    await former.remove();
    expect(code).to.equal(1);
    expect(stderr).to.include('was written by an older version of Kept; the next start of Kept brings it up to date');
  });
});
