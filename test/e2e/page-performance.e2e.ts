import { expect } from 'chai';
import { makeSketchBuilder, statsRow } from '../../src/domain/index.ts';
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
    const { page, complaints, url } = await open({}, { scripted });
    await connected(page);
    expect(asked).to.deep.equal([]);
    await page.goto(`${url}/#/performance`);
    await page.waitForSelector(byTestId('performance-table'));
    expect(await page.locator(`${byTestId('performance-table')} tr`).allInnerTexts()).to.deep.equal([
      'Agents\tCount\tWorked\tAverage\t95 %',
      'valor_agent\t2\t50 %\t2.5 s\t2.5 s',
    ]);
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/stats?since=7d'));
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
    await page.getByText('Nothing was measured in that time.').waitFor();
    delete scripted.api.reportStats;
    await page.click(byTestId('performance-1h'));
    await page.getByText('Stats are not offered here.').waitFor();
  });
});
