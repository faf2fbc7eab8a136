import { expect } from 'chai';
import { PortError } from '../../src/ports/index.ts';
import { findBarriers } from '../support/axe.ts';
import { makeScriptedApi } from '../support/http-api.ts';
import { byTestId, connected, usePages } from '../support/page.ts';

const AWAY = 'This can’t be done right now; nothing was changed. Try again in a moment; the server’s log says what is wrong.';
const failing = async (): Promise<never> => {
  throw new PortError('unavailable', 'the database is away', { retryable: true });
};

describe('Views of the operator that can show nothing', () => {
  const { open } = usePages();

  for (const [path, words] of [
    ['health', 'This server does not tell of its checks.'],
    ['health', 'This server keeps no register of processes.'],
    ['performance', 'Nothing is measured here.'],
    ['messages', 'Nothing came in that fits.'],
    ['messages/local:1/7', 'it never came in, or was forgotten since'],
    ['audit', 'The audit log has no such rows.'],
    ['approvals', 'Nothing was decided yet.'],
    ['approvals/9', 'There is no approval #9'],
    ['log', 'This server has no log that could be read.'],
  ] as const)
    it(`say in #/${path} that there is nothing: ${words}`, async () => {
      const { page } = await open({}, { path: `/#/${path}` });
      await connected(page);
      await page.getByText(words).first().waitFor();
      expect(await findBarriers(page)).to.deep.equal([]);
    });

  it('say in each view why they failed, and show it where a second try works', async () => {
    const scripted = makeScriptedApi();
    const { api } = scripted;
    Object.assign(api, {
      checkSystem: failing,
      listProcesses: failing,
      reportSeries: failing,
      reportStats: failing,
      listAlerts: failing,
      listApprovals: failing,
      listInbox: failing,
      readAudit: failing,
      readLog: failing,
    });
    const { page, url } = await open({}, { scripted });
    for (const [view, parts] of [
      ['health', 2],
      ['performance', 2],
      ['alerts', 1],
      ['approvals', 1],
      ['messages', 1],
      ['audit', 1],
      ['log', 1],
    ] as const) {
      await page.goto(`${url}/#/${view}`);
      const problems = page.locator(`.view-${view} .panel [role="alert"]`);
      await problems.nth(parts - 1).waitFor();
      expect(await problems.allTextContents(), view).to.deep.equal(Array.from({ length: parts }, () => AWAY));
      expect(await page.locator(`.view-${view} .panel > :last-child:visible`).count(), view).to.equal(0);
    }
    api.readLog = async () => ({ state: 'a', isChanged: true, lines: [{ level: 'info', msg: 'well again' }], hasMore: false });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator(byTestId('log-line')).getByText('well again').waitFor();
  });

  it('shows hostile words of log, audit and inbox as plain text', async () => {
    const scripted = makeScriptedApi();
    const hostile = '<img src=x onerror=alert(1)>\u202egnp';
    scripted.api.readLog = async () => ({
      state: 'a',
      isChanged: true,
      lines: [{ level: 'info', area: hostile, msg: hostile, time: hostile, trace: hostile, nested: { text: hostile } }],
      hasMore: true,
    });
    const { page, complaints } = await open({}, { scripted, path: '/#/log' });
    await connected(page);
    await page.locator(`${byTestId('log-line')} summary`).click();
    const shown = await page.locator(byTestId('log-line')).textContent();
    expect(shown).to.include('<img src=x onerror=alert(1)>').and.not.include('\u202e');
    expect(await page.locator('main img').count()).to.equal(0);
    expect(complaints).to.deep.equal([]);
  });
});
