import { expect } from 'chai';
import type { Response } from 'playwright-core';
import { moneyOf } from '../../src/domain/index.ts';
import { makeScriptedApi } from '../support/http-api.ts';
import { byTestId, connected, usePages } from '../support/page.ts';

describe('The server behind the page', () => {
  const { open } = usePages();

  it('shows how the server is, and which model answers, before and after it has the token', async () => {
    const { page } = await open({ apiToken: 'open sesame' });
    await page.waitForSelector('[data-testid="health"][data-status="healthy"]');
    expect(await page.textContent(byTestId('health'))).to.equal('healthy');
    await page.fill(byTestId('token'), 'open sesame');
    await page.press(byTestId('token'), 'Enter');
    await connected(page);
    await page.locator(byTestId('health'), { hasText: /^healthy · rehearsal$/ }).waitFor();
    expect(await page.getAttribute(byTestId('health'), 'title')).to.match(
      /^Server: healthy\nAnswers come from the model rehearsal\nstorage\.database: ok/,
    );
  });

  it("shows that the server is down, or can't be reached", async () => {
    const scripted = makeScriptedApi();
    const healthy = await scripted.api.health();
    scripted.api.health = async () => ({ ...healthy, status: 'unhealthy' });
    const { page, close } = await open({}, { scripted });
    await page.locator(byTestId('health'), { hasText: /^unhealthy · rehearsal$/ }).waitFor();
    await connected(page);
    await close();
    await page.locator(byTestId('health'), { hasText: /^server not reachable$/ }).waitFor();
  });

  it('shows what today has cost; nothing, and asks no more, where the host does not offer it', async () => {
    const scripted = makeScriptedApi();
    const today = await scripted.api.reportUsage?.({ limit: 1 });
    if (today) scripted.api.reportUsage = async () => ({ ...today, total: { ...today.total, cost: moneyOf(420_000) } });
    const { page } = await open({}, { scripted });
    await page.locator(byTestId('spent'), { hasText: /^Today \(UTC\): \$0\.42 spent$/ }).waitFor();
    delete scripted.api.reportUsage;
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/api/usage') && asked.push(request.url()));
    await page.clock.install();
    await page.reload();
    await connected(page);
    const isHealth = (response: Response) => response.url().endsWith('/health');
    const poll = () => Promise.all([page.waitForResponse(isHealth), page.clock.runFor(30_000)]);
    await poll();
    expect(asked).not.to.have.length(0);
    asked.length = 0;
    for (const _ of [1, 2, 3]) await poll();
    expect(asked).to.have.length(0);
    expect(await page.locator(byTestId('spent')).isHidden()).to.equal(true);
  });

  it('asks for the token once, asks again if it is wrong, and then works', async () => {
    const { page, promise, say } = await open({ apiToken: 'open sesame' });
    await page.waitForSelector(byTestId('token-dialog'));
    await page.fill(byTestId('token'), 'wrong');
    await page.click(byTestId('token-submit'));
    await page.waitForSelector(byTestId('token-problem'));
    await page.fill(byTestId('token'), 'open sesame');
    await page.press(byTestId('token'), 'Enter');
    await connected(page);
    promise('trusted');
    await page.waitForSelector(byTestId('promise'));
    await page.reload();
    await connected(page);
    await say('welcome back');
    await page.waitForSelector(byTestId('message-agent'));
    await page.locator(byTestId('token-dialog')).waitFor({ state: 'hidden' });
  });
});
