import { expect } from 'chai';
import { makeSketchBuilder, moneyOf, statsRow } from '../../src/domain/index.ts';
import { makeScriptedApi } from '../support/http-api.ts';
import { byTestId, connected, usePages } from '../support/page.ts';

const rowOf = (kind: 'agent' | 'commit', name: string, durations: readonly number[]) => {
  const builder = makeSketchBuilder();
  for (const [at, ms] of durations.entries()) builder.add(ms, at === 0);
  return statsRow({ kind, name, sketch: builder.read() });
};

describe('Performance on the page', () => {
  const { open } = usePages();

  it('shows how often things worked and how long they took, and asks only while people look', async () => {
    const scripted = makeScriptedApi();
    const asked: (number | undefined)[] = [];
    scripted.api.reportStats = async ({ since }) => {
      asked.push(since);
      return { since: 0, until: 0, rows: [rowOf('agent', 'valor_agent', [2_500, 2_500]), rowOf('commit', 'turn', [1])] };
    };
    scripted.api.reportSeries = async ({ since = 0 }) => ({
      since,
      until: since + 60_000,
      stepMs: 60_000,
      kinds: [{ kind: 'turn', counts: [3, 0], failures: [1, 0], p50Ms: [900, undefined], p95Ms: [2_000, undefined] }],
      levels: [],
      costs: [moneyOf(420_000), undefined],
      calls: [1, 0],
    });
    const { page, complaints, url } = await open({}, { scripted });
    await connected(page);
    expect(asked).to.deep.equal([]);
    await page.goto(`${url}/#/performance`);
    await page.waitForSelector(byTestId('performance-table'));
    expect(await page.locator(`${byTestId('performance-table')} tr`).allInnerTexts()).to.deep.equal([
      'Agents\tCount\tWorked\tAverage\t95 %',
      'valor_agent\t2\t50 %\t2.5 s\t2.5 s',
    ]);
    const told = (name: string) => page.locator(`${byTestId(`chart-${name}`)} [role="img"]`).getAttribute('aria-label');
    expect(await told('latency')).to.equal('How long it took. At most 2.0 s for 95 %. The numbers stand below.');
    expect(await told('throughput')).to.equal('How many were done. 3 in all, 1 failed. The numbers stand below.');
    expect(await told('cost')).to.equal('What calls cost. $0.42 in all. The numbers stand below.');
    expect(await told('queue')).to.equal('What waited. Nothing was measured. The numbers stand below.');
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/v1/stats?since=7d'));
    await page.click(byTestId('performance-7d'));
    await answered;
    expect(asked.map((since) => Math.round((Date.now() - (since ?? 0)) / 86_400_000))).to.deep.equal([1, 7]);
    expect(await page.getAttribute(byTestId('performance-7d'), 'aria-pressed')).to.equal('true');
    expect(complaints).to.deep.equal([]);
  });

  it('says that nothing was measured, or that the host measures nothing', async () => {
    const scripted = makeScriptedApi();
    const { page, url } = await open({}, { scripted });
    await connected(page);
    await page.goto(`${url}/#/performance`);
    await page.getByText('Nothing was done in that time.').waitFor();
    await page.getByText('Nothing is measured here.').waitFor();
    delete scripted.api.reportStats;
    await page.click(byTestId('performance-1h'));
    await page.getByText('Nothing is counted here.').waitFor();
  });
});
