import { expect } from 'chai';
import { localChatId, type PromiseId } from '../../src/domain/index.ts';
import { byTestId, connected, usePages } from '../support/page.ts';

describe('Promises and schedules on the page', () => {
  const { open } = usePages();

  it('follows a promise from made to delivered, and cancels and retries', async () => {
    const { page, promise, run, complete, fail, deliver, statusOf } = await open();
    await connected(page);
    const card = (id: PromiseId) => page.locator(`[data-promise-id="${id}"]`);
    const state = (id: PromiseId, status: string) => page.waitForSelector(`[data-promise-id="${id}"][data-status="${status}"]`);
    const first = promise('count the beans').id;
    await state(first, 'pending');
    expect(await page.textContent(byTestId('active'))).to.equal('1 open');
    run(first);
    await state(first, 'in_progress');
    complete(first, 'There are **12**.');
    await state(first, 'completed');
    expect(await card(first).locator(byTestId('result')).textContent()).to.equal('There are 12.');
    deliver(first);
    await card(first).locator(byTestId('delivered')).waitFor();
    const second = promise('fail').id;
    run(second);
    fail(second, 'no beans left');
    await state(second, 'failed');
    expect(await card(second).locator(byTestId('error')).textContent()).to.equal('no beans left');
    await card(second).locator(byTestId('retry')).click();
    await state(second, 'pending');
    await card(second).locator(byTestId('cancel')).click();
    await state(second, 'cancelled');
    expect(statusOf(second)).to.equal('cancelled');
    expect(await page.locator(byTestId('promise')).evaluateAll((cards) => cards.map(({ dataset }) => dataset.promiseId))).to.deep.equal([
      '2',
      '1',
    ]);
  });

  it('says why a promise could not be cancelled', async () => {
    const { page, promise, api } = await open();
    api.cancelPromise = async () => ({ ok: false, error: { code: 'promise/already-settled', message: 'promise #1 has already ended' } });
    promise('stubborn');
    await page.click(byTestId('cancel'));
    await page.getByText('Promise #1 has already ended.').waitFor();
  });

  it('shows the promises of this chat, and on request those of every chat', async () => {
    const { page, promise } = await open();
    promise('here');
    promise('elsewhere', { chatId: localChatId(2) });
    await page.getByText('here', { exact: true }).waitFor();
    expect(await page.locator(byTestId('promise')).count()).to.equal(1);
    await page.click(byTestId('everywhere'));
    await page.getByText('elsewhere', { exact: true }).waitFor();
    expect(await page.locator(byTestId('promise')).count()).to.equal(2);
    expect(await page.locator(byTestId('chat-link')).evaluateAll((links) => links.map((link) => link.getAttribute('href')))).to.deep.equal([
      '#/chats/local:2',
      '#/chats/local:1',
    ]);
    await page.goBack();
    await page.getByText('elsewhere', { exact: true }).waitFor({ state: 'detached' });
  });

  it('shows the schedules of this chat as they come and go, and on request those of every chat', async () => {
    const { page, say, promise, schedule, complaints } = await open();
    await connected(page);
    await page.locator(byTestId('schedules')).waitFor({ state: 'hidden' });
    schedule('count the beans', { cron: '0 9 * * mon-fri', timeZone: 'Europe/Berlin' });
    await say('Schedule #1 is made.');
    const cards = page.locator(byTestId('schedule'));
    await cards.waitFor();
    expect(await cards.textContent()).to.match(/^#10 9 \* \* mon-friEurope\/Berlincount the beansnext .+End$/);
    schedule('elsewhere', { chatId: localChatId(2) });
    schedule('and here');
    promise('made by a schedule');
    await cards.nth(1).waitFor();
    expect(await cards.evaluateAll((all) => all.map(({ dataset }) => dataset.scheduleId))).to.deep.equal(['3', '1']);
    await page.locator(byTestId('nav')).getByText('Schedules').click();
    await cards.nth(2).waitFor();
    await page.locator('[data-schedule-id="2"]').locator(byTestId('chat-link')).waitFor();
    for (const left of [2, 1]) {
      await page.locator(byTestId('end-schedule')).first().click();
      await cards.nth(left).waitFor({ state: 'detached' });
    }
    await page.locator(byTestId('end-schedule')).click();
    await page.getByText('No schedule is active.').waitFor();
    expect(complaints).to.deep.equal([]);
  });
});
