import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { findBarriers } from '../support/axe.ts';
import { makeScriptedApi } from '../support/http-api.ts';
import { byTestId, connected, usePages } from '../support/page.ts';

const title = (page: Page) => page.locator(byTestId('view-title'));
const titled = (page: Page, words: string) => page.locator(byTestId('view-title'), { hasText: words }).waitFor();
const goes = (page: Page, words: string) => page.locator(byTestId('nav')).getByRole('link', { name: words, exact: true }).click();

/** Every view, by its address. */
const VIEWS = ['chats/local:1', 'promises', 'schedules', 'approvals', 'performance', 'alerts'];

describe('The frame of the page', () => {
  const { open } = usePages();

  const busy = async () => {
    const scripted = makeScriptedApi();
    for (const text of ['count the beans', 'read the news', 'fail']) scripted.promise(text);
    scripted.schedule('count the beans', { cron: '0 9 * * mon-fri', timeZone: 'Europe/Berlin' });
    return scripted;
  };

  it('shows one view at a time by its address, says which one, and goes back', async () => {
    const { page, complaints } = await open({}, { path: '/#/schedules' });
    await connected(page);
    expect(await title(page).textContent()).to.equal('Schedules');
    await goes(page, 'Promises');
    await titled(page, 'Promises');
    expect(await page.evaluate('[location.hash, document.title]')).to.deep.equal(['#/promises', 'Promises · Kept']);
    expect(await page.evaluate("document.activeElement.id + ' ' + document.activeElement.textContent")).to.equal('view-title Promises');
    expect(await page.locator('[aria-current="page"]').allTextContents()).to.deep.equal(['Promises']);
    await page.goBack();
    await titled(page, 'Schedules');
    for (const path of ['#/nothing', '#/constructor', '#/%E0%A4%A']) {
      await page.goto(new URL(path, page.url()).href);
      await titled(page, 'There is no such view');
    }
    expect(complaints).to.deep.equal([]);
  });

  it('goes by keys, shows them at ?, and leaves keys alone where somebody writes', async () => {
    const { page } = await open();
    await connected(page);
    await page.locator(byTestId('text')).focus();
    await page.keyboard.type('gp?');
    expect(await page.inputValue(byTestId('text'))).to.equal('gp?');
    await title(page).focus();
    await page.keyboard.type('gp');
    await titled(page, 'Promises');
    await page.keyboard.type('?');
    await page.locator(byTestId('help')).getByText('Schedules').waitFor();
    await page.keyboard.press('Escape');
    await page.locator(byTestId('help')).waitFor({ state: 'hidden' });
    await page.keyboard.type('gc');
    await titled(page, 'Chat local:1');
  });

  it('lets the keyboard skip the navigation', async () => {
    const { page } = await open({}, { path: '/#/promises' });
    await connected(page);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('Skip to what is shown');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).to.equal('view-title');
    expect(await page.evaluate('location.hash')).to.equal('#/promises');
  });

  it('shows what changes, in whatever view, and reads it again no more than once a second', async () => {
    const { page, promise } = await open({}, { path: '/#/promises' });
    await connected(page);
    await page.getByText('No promises yet.').waitFor();
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/api/promises') && asked.push(request.url()));
    const from = Date.now();
    for (let n = 1; n <= 30; n++) {
      promise(`number ${n}`);
      await page.waitForTimeout(20);
    }
    await page.getByText('number 30', { exact: true }).waitFor();
    expect(asked.length).to.be.at.most(Math.ceil((Date.now() - from) / 1_000) + 1);
  });

  it('looks again and again where the server tells of no changes', async () => {
    const scripted = makeScriptedApi();
    delete scripted.api.watchDesk;
    const { page, promise } = await open({}, { scripted, path: '/#/promises' });
    await connected(page);
    promise('found by looking');
    await page.getByText('found by looking').waitFor({ timeout: 15_000 });
  });

  it('keeps the focus and what is open where other things change', async () => {
    const { page, promise, run, complete } = await open({}, { path: '/#/promises' });
    const { id } = promise('long');
    run(id);
    complete(id, 'x '.repeat(400));
    const result = page.locator('[data-promise-id="1"] summary');
    await result.click();
    promise('another');
    await page.getByText('another', { exact: true }).waitFor();
    expect(await page.locator('[data-promise-id="1"] details').getAttribute('open')).to.equal('');
    expect(await page.evaluate('document.activeElement.tagName')).to.equal('SUMMARY');
  });

  for (const path of VIEWS)
    for (const colorScheme of ['light', 'dark'] as const)
      it(`has no barrier in #/${path}, ${colorScheme}, wide or on a phone`, async () => {
        const { page } = await open({}, { scripted: await busy(), path: `/#/${path}` });
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await connected(page);
        await page.locator('.panel .none').getByText('Loading').waitFor({ state: 'hidden' });
        expect(await findBarriers(page)).to.deep.equal([]);
        await page.setViewportSize({ width: 390, height: 760 });
        await page.click(byTestId('menu'));
        expect(await findBarriers(page)).to.deep.equal([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(390);
      });
});
