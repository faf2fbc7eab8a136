import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { findBarriers } from '../support/axe.ts';
import { until } from '../support/chat-api.ts';
import { makeOperatorSite, type OperatorSite } from '../support/operator-site.ts';
import { byTestId } from '../support/page.ts';
import { runKept } from '../support/run-kept.ts';
import { ADA, STRANGER } from '../support/telegram-site.ts';

const VIEWS = ['health', 'performance?span=1h', 'alerts', 'approvals', 'approvals/1', 'messages', 'audit', 'log'];

/** Everything on these pages was done by real processes: a bot, a worker, and a Telegram. */
describe('What the operator looks at', function () {
  this.timeout(120_000);
  let operator: OperatorSite;
  before(async () => {
    operator = await makeOperatorSite();
    // What was measured is stored when a process stops.
    await operator.restartBot();
  });
  after(() => operator?.close());

  const open = async (path: string, options = {}) => {
    const { page, complaints } = await operator.open(path, options);
    return { page, complaints, close: () => page.context().close() };
  };
  const rowsOf = (page: Page, id: string) => page.locator(byTestId(id));

  for (const path of VIEWS)
    it(`has no barrier in #/${path}, light and dark, wide and on a phone`, async () => {
      const { page, complaints, close } = await open(`#/${path}`, { reducedMotion: 'reduce' });
      for (const colorScheme of ['light', 'dark'] as const)
        for (const width of [1_200, 390]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 800 });
          expect(await findBarriers(page), `${colorScheme}, ${width}`).to.deep.equal([]);
          expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(width);
        }
      expect(complaints).to.deep.equal([]);
      await close();
    });

  it('shows each check as kept health has it, what is wrong first, and every process; one that begins appears', async () => {
    const { page, close } = await open('#/health');
    const shown = await rowsOf(page, 'check').evaluateAll((tiles) =>
      tiles.map((tile) => (tile as unknown as { dataset: { check: string } }).dataset.check),
    );
    const { checks } = await operator.api.get<{ checks: readonly { id: string }[] }>('/api/v1/health');
    expect(shown.toSorted()).to.deep.equal(checks.map(({ id }) => id).toSorted());
    expect(await page.locator(byTestId('health-summary')).textContent()).to.match(/of \d+ are OK/);
    const living = page.locator(`${byTestId('process')}.state-ok`);
    const texts = (await living.allInnerTexts()).join('\n');
    expect(texts)
      .to.match(/alive\s+bot\s+leads\s+version 0\.1\.0/)
      .and.to.match(/alive\s+worker\s+version 0\.1\.0/);
    const before = await living.count();
    const second = await operator.start('worker');
    await page
      .locator(`${byTestId('process')}.state-ok`)
      .nth(before)
      .waitFor({ timeout: 40_000 });
    await second.stop();
    await page.locator(byTestId('process')).getByText('stopped').first().waitFor({ timeout: 40_000 });
    await close();
    const linked = await open('#/health/queue.worker');
    await linked.page.locator(`[data-check="queue.worker"].found`).waitFor();
    await linked.close();
  });

  it('draws what was measured, with its numbers, and what another process measures while it is looked at', async () => {
    const { page, complaints, close } = await open('#/performance?span=1h&kind=agent');
    await page.locator('.chart-canvas canvas').nth(3).waitFor();
    const label = () => page.locator(`${byTestId('chart-throughput')} [role="img"]`).getAttribute('aria-label');
    const doneIn = async () => Number(/(\d+) in all/.exec((await label()) ?? '')?.[1]);
    const done = await doneIn();
    expect(done).to.be.at.least(2);
    await page.locator(`${byTestId('numbers-queue')} summary`).click();
    const queue = await page
      .locator(`${byTestId('numbers-queue')} tbody tr`)
      .first()
      .textContent();
    expect(queue).to.match(/[AP]M\d/);
    const painted = await page.evaluate(
      "(() => { const { data } = document.querySelector('.chart-canvas canvas').getContext('2d').getImageData(0, 0, 600, 190); return data.some((value) => value > 0); })()",
    );
    expect(painted).to.equal(true);
    await page.clock.install();
    await runKept(operator.site, ['agent', 'run', 'valor_agent', 'hello']);
    await page.reload();
    await page.locator('.chart-canvas canvas').nth(3).waitFor();
    const before = await doneIn();
    // The worker stores what it has measured when its minute is over: that may come in between as well.
    expect(before).to.be.at.least(done + 1);
    await runKept(operator.site, ['agent', 'run', 'valor_agent', 'hello']);
    await page.clock.runFor(61_000);
    await until('the next run', async () => (await doneIn()) > before);
    await page.click(byTestId('performance-7d'));
    expect(new URL(page.url()).hash).to.equal('#/performance?span=7d&kind=agent');
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('loads what draws charts only where charts are drawn', async () => {
    const { page, close } = await open('#/health');
    const loaded = () =>
      page.evaluate("performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)") as Promise<string[]>;
    expect(await loaded()).not.to.include('/uplot.js');
    await page.goto(`${operator.bot().url}/#/performance`);
    await page.locator('.chart-canvas canvas').first().waitFor();
    expect(await loaded()).to.include('/uplot.js');
    await close();
  });

  it('silences a rule from the page, as the audit log tells, ends that, and shows what others silence', async () => {
    const { page, close } = await open('#/alerts');
    const rule = page.locator('[data-rule="queue.worker"]');
    await rule.getByText('1 worker is alive').waitFor({ timeout: 40_000 });
    await rule.locator(byTestId('silence-open')).click();
    await page.selectOption(byTestId('silence-for'), '4h');
    await page.fill(byTestId('silence-reason'), 'the machine moves');
    await page.keyboard.press('Enter');
    const silence = page.locator(byTestId('silence'));
    await silence.getByText('the machine moves').waitFor();
    expect(await page.locator(byTestId('alerts-said')).textContent()).to.equal('queue.worker is silenced for 4 hours.');
    await silence.locator(byTestId('end-silence')).click();
    await silence.waitFor({ state: 'detached' });
    await runKept(operator.site, ['alerts', 'silence', 'queue.oldest-due', '--for', '1h', '--reason', 'by hand']);
    await page.getByText('by hand').waitFor({ timeout: 20_000 });
    await close();
    const audit = await open('#/audit?kind=operator');
    await audit.page.getByText('command silence-alert, target queue.worker').or(audit.page.getByText('queue.worker')).first().waitFor();
    await audit.close();
  });

  it('shows the exact call that waits, approves it, and shows what became of it; another call appears by itself', async () => {
    const { page, close } = await open('#/approvals');
    const card = page.locator(`${byTestId('approval')}[data-approval-id="1"]`);
    expect(await card.locator(byTestId('call')).textContent()).to.equal('{\n  "title": "The roof leaks"\n}');
    await operator.api.post('use mcp__notes__echo {"title": "The door squeaks"}', 3);
    await page.getByText('The door squeaks').waitFor({ timeout: 20_000 });
    const done = page.locator(`${byTestId('decided-approval')}[data-approval-id="1"]`);
    // A click right after the list has changed decides nothing.
    await until('the decision', async () => {
      await card
        .locator(byTestId('approve'))
        .click({ timeout: 1_000 })
        .catch(() => undefined);
      return done.isVisible();
    });
    await done.getByText('Approved and done').waitFor({ timeout: 30_000 });
    expect(readFileSync(join(operator.site.root, 'notes'), 'utf8')).to.include('echo');
    await close();
    const one = await open('#/approvals/2');
    const denied = one.page.locator(byTestId('decided-approval')).getByText('Denied');
    await until('the denial', async () => {
      await one.page
        .locator(byTestId('deny'))
        .click({ timeout: 1_000 })
        .catch(() => undefined);
      return denied.isVisible();
    });
    await one.close();
  });

  it('shows what came in and what was decided, by verdict, tells why, and shows what comes in', async () => {
    const { page, close } = await open('#/messages?verdict=denied');
    await rowsOf(page, 'decision').first().waitFor();
    expect(await rowsOf(page, 'decision').count()).to.equal(1);
    expect(await rowsOf(page, 'decision').textContent()).to.match(/Denied@stranger.*not-whitelisted, set at dm_whitelist/s);
    operator.write(STRANGER, 'Once more');
    await rowsOf(page, 'decision').nth(1).waitFor({ timeout: 20_000 });
    await page.selectOption(byTestId('filter-verdict'), '');
    await page.getByText('Hello, how are you?').waitFor();
    expect(new URL(page.url()).hash).to.equal('#/messages');
    await page.fill(byTestId('filter-chatId'), `telegram:${ADA}`);
    await until('her messages alone', async () => (await rowsOf(page, 'decision').count()) === 1);
    await page.locator(byTestId('decision')).getByRole('link', { name: /^Why/ }).click();
    await page.locator(byTestId('why')).getByText('Access: allowed').waitFor();
    expect(await page.locator(byTestId('view-title')).textContent()).to.match(/^Why: message telegram:/);
    await page.goBack();
    await rowsOf(page, 'decision').first().waitFor();
    expect(await page.inputValue(byTestId('filter-chatId')), 'the filter stands in the address').to.equal(`telegram:${ADA}`);
    await page.fill(byTestId('filter-chatId'), 'x');
    await page.locator('.panel [role="alert"]').getByText('chatId').waitFor();
    await close();
  });

  it('shows who did what, by kind, and what is new; checks the log, and that it holds a head', async () => {
    const { page, close } = await open('#/audit');
    const kinds = async () =>
      rowsOf(page, 'audit-row').evaluateAll((rows) => rows.map((row) => (row as unknown as { dataset: { kind: string } }).dataset.kind));
    expect(await kinds()).to.include.members(['asked', 'denied', 'promise-made', 'promise-ended', 'approval-asked']);
    await page.selectOption(byTestId('filter-kind'), 'promise-ended');
    await until('ended promises alone', async () => new Set(await kinds()).size === 1);
    const before = await rowsOf(page, 'audit-row').count();
    await operator.api.post('in the background, count the TODO comments in this project', 4);
    await rowsOf(page, 'audit-row').nth(before).waitFor({ timeout: 40_000 });
    await page.click(byTestId('verify'));
    const head = await page.locator(byTestId('head')).textContent();
    expect(head).to.match(/^\d+:[0-9a-f]{64}$/);
    await page.fill(byTestId('kept-head'), head ?? '');
    await page.keyboard.press('Enter');
    await page.locator('.proof-said.holds').waitFor();
    await page.fill(byTestId('kept-head'), `3:${'0'.repeat(64)}`);
    await page.keyboard.press('Enter');
    await page.locator('.proof-said.broken').getByText('The log is broken at row 3').waitFor();
    await close();
  });

  it('shows the log as it grows, by area and work, without secrets, and holds still where that is asked', async () => {
    const { page, close } = await open('#/log?area=turns');
    const lines = rowsOf(page, 'log-line');
    await lines.first().waitFor();
    const areas = new Set(await page.locator('.log-line .area').allInnerTexts());
    expect([...areas]).to.deep.equal(['turns']);
    const before = await lines.count();
    await operator.api.post('hello', 5);
    await lines.nth(before).waitFor({ timeout: 20_000 });
    await page.click(byTestId('log-pause'));
    await operator.api.post('hello again', 5);
    await until('its answer', async () => (await operator.api.messages(5)).filter(({ from }) => from === 'agent').length === 2);
    const asked = page.waitForRequest(/\/api\/v1\/logs/, { timeout: 3_000 });
    expect(
      await asked.then(
        () => 'asked',
        () => 'not asked',
      ),
    ).to.equal('not asked');
    expect(await lines.count()).to.equal(before + 1);
    await page.click(byTestId('log-pause'));
    await lines.nth(before + 1).waitFor();
    await lines.first().locator('summary').click();
    await lines.first().getByRole('link').first().click();
    await page.locator('.log-line .area').getByText('outbox').first().waitFor();
    const shown = await page.locator(byTestId('log-lines')).textContent();
    expect(shown).not.to.include(operator.site.env.TELEGRAM_API_HASH);
    await page.fill(byTestId('filter-trace'), 'no trace');
    await page.locator('.panel [role="alert"]').getByText('trace').waitFor();
    await page.fill(byTestId('filter-trace'), 'ffffffffffff');
    await page.getByText('No line of the log fits.').waitFor();
    await close();
  });

  it('shows an alert that begins while it is looked at, in the notices as well', async () => {
    const { page, close } = await open('#/alerts');
    await operator.worker.stop();
    const alert = page.locator('[data-key="queue.worker"]');
    await alert.getByText('Fires').waitFor({ timeout: 60_000 });
    await page.locator(byTestId('alerts')).waitFor({ state: 'visible', timeout: 20_000 });
    await alert.locator(byTestId('silence-open')).click();
    await page.click(byTestId('silence-submit'));
    await alert.getByText('Fires, silenced').waitFor();
    await close();
  });
});
