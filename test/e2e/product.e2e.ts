import { strict as assert } from 'node:assert';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { type KeptProcess, makeSite, PROJECT_TODOS, type Site, startKept } from '../support/kept-process.ts';

/** The product as a person meets it: the real process, its page in a real browser. */
describe('the page of a running Kept', function () {
  this.timeout(60_000);
  let site: Site;
  let kept: KeptProcess;
  let browser: Browser;

  before(async () => {
    site = await makeSite({ KEPT_REHEARSAL_PACE_MS: '60' });
    [kept, browser] = await Promise.all([startKept(site, 'start'), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await kept?.stop();
    await site.remove();
  });

  it('streams the answer to a message, and follows its promise to completed and delivered', async () => {
    const page = await browser.newPage();
    await page.goto(kept.url);
    await page.getByTestId('text').fill('in the background, count the TODO comments in this project');
    await page.getByTestId('send').click();

    const draft = page.getByTestId('draft');
    await draft.waitFor();
    const early = (await draft.textContent()) ?? '';
    const answer = page.getByTestId('message-agent').first();
    await answer.waitFor();
    const whole = (await answer.textContent()) ?? '';
    assert.ok(early.trim().length < whole.length, 'the answer was seen while it grew');
    assert.match(whole, /Promise #1/);

    await page.waitForSelector('[data-promise-id="1"][data-status="completed"]');
    await page.locator('[data-promise-id="1"]').getByTestId('delivered').waitFor();
    assert.match(
      (await page.locator('[data-promise-id="1"]').getByTestId('result').textContent()) ?? '',
      new RegExp(`\\b${PROJECT_TODOS}\\b`),
    );
    const result = page.getByTestId('message-agent').nth(1);
    await result.waitFor();
    assert.match((await result.textContent()) ?? '', new RegExp(`Promise #1 is kept[^]*\\b${PROJECT_TODOS}\\b`));

    // A reader who comes anew sees the same conversation.
    await page.reload();
    await page.getByTestId('message-agent').nth(1).waitFor();
    assert.equal(await page.getByTestId('message-operator').count(), 1);
    await page.close();
  });
});
