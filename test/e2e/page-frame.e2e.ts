import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { chatId, makePairing, ok, promiseId, rightsIn, turnId, userId } from '../../src/domain/index.ts';
import { buildPolicy, buildPromise } from '../../src/testing/index.ts';
import { findBarriers } from '../support/axe.ts';
import { makeDeskApi } from '../support/desk-api.ts';
import { makeScriptedApi } from '../support/http-api.ts';
import { byTestId, connected, usePages } from '../support/page.ts';

const title = (page: Page) => page.locator(byTestId('view-title'));
const titled = (page: Page, words: string) => page.locator(byTestId('view-title'), { hasText: words }).waitFor();
const goes = (page: Page, words: string) => page.locator(byTestId('nav')).getByRole('link', { name: words, exact: true }).click();

/** Every view, by its address. */
const VIEWS = [
  'chats',
  'chats/local:1',
  'chats/telegram:-100777',
  'messages/telegram:-100777/telegram:1',
  'promises',
  'promises/1',
  'schedules',
  'approvals',
  'people',
  'people/telegram:501',
  'performance',
  'alerts',
];

describe('The frame of the page', () => {
  const { open } = usePages();

  const busy = async () => {
    const { scripted, came, said, made, stores } = makeDeskApi();
    await came('telegram:-100777', 1, {
      title: 'Garden',
      text: 'count the **beans**',
      verdict: { kind: 'answered', turnId: turnId('t1') },
    });
    await said('telegram:-100777', 'I will. Promise #1.', Date.now(), { promiseId: promiseId(1) });
    for (const text of ['count the beans', 'read the news', 'fail']) await made(text, { chatId: chatId('telegram:-100777') });
    await stores.promises.add([buildPromise({ id: promiseId(9), description: 'after it', dependsOn: [promiseId(1)] })]);
    scripted.schedule('count the beans', { cron: '0 9 * * mon-fri', timeZone: 'Europe/Berlin' });
    await scripted.approval({ labels: ['web'] });
    const person = userId('telegram:501');
    const rights = rightsIn(buildPolicy(), 'operator');
    Object.assign(scripted.api, {
      explain: async () => ['Message 1 in chat telegram:-100777, from Ada.', 'Verdict: answered.'],
      listPeople: async () => ({
        people: [{ subject: person, id: person, name: 'Ada', path: 'people.501' }],
        workspaces: [{ name: 'Garden', chatIds: [chatId('telegram:-100777')], directory: '/srv/garden' }],
      }),
      tellAccess: async (subject: string) => ok({ ...rights, subject, places: [{ ...rights, of: 'Garden' }] }),
      listPairings: async () => [makePairing({ id: person, kind: 'person' }, chatId('telegram:501'), { code: 'K7QF2MXD', at: Date.now() })],
    });
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
    await titled(page, 'Chats');
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
        await page.getByText('Loading…').first().waitFor({ state: 'hidden' });
        const problems = await page.locator('.panel > .problem:visible').allTextContents();
        expect(problems.filter((problem) => problem !== 'Nothing is measured here.')).to.deep.equal([]);
        expect(await findBarriers(page)).to.deep.equal([]);
        await page.setViewportSize({ width: 390, height: 760 });
        await page.click(byTestId('menu'));
        expect(await findBarriers(page)).to.deep.equal([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(390);
        const { KEPT_TEST_PICTURES: pictures } = process.env;
        if (pictures) await page.screenshot({ path: `${pictures}/${path.replaceAll(/[^a-z0-9]+/g, '-')}-${colorScheme}.png` });
      });
});
