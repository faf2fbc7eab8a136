import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { chatId, makePairing, ok, type PairingStatus, promiseId, rightsIn, turnId, userId } from '../../src/domain/index.ts';
import { buildPolicy, carryOut, START } from '../../src/testing/index.ts';
import { makeDeskApi } from '../support/desk-api.ts';
import { byTestId, usePages } from '../support/page.ts';

const GROUP = 'telegram:-100777';
const shownIds = (page: Page) =>
  page.locator(byTestId('promise')).evaluateAll((all) => all.map(({ dataset }) => Number(dataset.promiseId)));

describe('The desk on the page', () => {
  const { open } = usePages();

  it('lists the chats of every gateway as they change, finds them by words, and keeps both in the address', async () => {
    const { scripted, came, made, changed } = makeDeskApi();
    for (let n = 1; n <= 120; n++) await came(`telegram:${500 + n}`, n, { at: START + n });
    await came(GROUP, 200, { at: START, title: 'Garden' });
    await made('count', { chatId: chatId(GROUP) });
    const { page, complaints } = await open({}, { scripted, path: '/#/chats' });
    const rows = page.locator(byTestId('chat'));
    await rows.nth(99).waitFor();
    expect(await page.textContent(byTestId('chat-count'))).to.equal('100 of 121 chats');
    await page.click(byTestId('more'));
    await rows.nth(120).waitFor();
    await came(GROUP, 201, { title: 'Garden', text: 'newest' });
    changed();
    await rows.first().getByText('newest').waitFor();
    await page.fill(byTestId('filter-text'), 'gard');
    await rows.nth(1).waitFor({ state: 'detached' });
    expect(await page.evaluate('location.hash')).to.equal('#/chats?text=gard');
    await page.reload();
    await rows.first().getByText('Garden').click();
    await page.locator(byTestId('view-title'), { hasText: `Chat ${GROUP}` }).waitFor();
    await page.goBack();
    expect(await page.inputValue(byTestId('filter-text'))).to.equal('gard');
    expect(complaints).to.deep.equal([]);
  });

  it('shows the conversation of any chat, with what was decided on each message, and why', async () => {
    const { scripted, came, said, changed } = makeDeskApi();
    for (let n = 1; n <= 60; n++)
      await came(GROUP, n, { at: START + 2 * n, text: `asked ${n}`, verdict: { kind: 'answered', turnId: turnId('t') } });
    await said(GROUP, 'A **reply**', START + 121);
    scripted.api.explain = async (chat, message) => [`Message ${message} of ${chat}.`, 'Verdict: answered.'];
    const { page, complaints } = await open({}, { scripted, path: `/#/chats/${GROUP}` });
    const messages = page.locator(byTestId('message'));
    await page.locator(byTestId('reply')).locator('strong').waitFor();
    expect([await messages.count(), await messages.last().locator(byTestId('verdict')).textContent()]).to.deep.equal([49, 'answered']);
    await page.click(byTestId('more'));
    await messages.nth(59).waitFor();
    await page.locator(byTestId('more')).waitFor({ state: 'hidden' });
    await came(GROUP, 61, { at: START + 130, text: 'just now' });
    changed();
    await messages.last().getByText('just now').waitFor();
    expect(await messages.count()).to.equal(61);
    expect(await messages.last().locator(byTestId('verdict')).textContent()).to.equal('waits for its turn');
    expect(await page.locator(byTestId('text')).count()).to.equal(0);
    await messages.last().locator(byTestId('why')).click();
    await page.locator(byTestId('why')).getByText(`Message telegram:61 of ${GROUP}.`).waitFor();
    expect(await page.evaluate('location.hash')).to.equal(`#/messages/${GROUP}/telegram:61`);
    expect(complaints).to.deep.equal([]);
  });

  it('pages and narrows promises by the address, and says that none fits', async () => {
    const { scripted, made, stores } = makeDeskApi();
    for (let n = 1; n <= 120; n++) await made(n % 40 === 0 ? 'find the needle' : `number ${n}`, n === 3 ? { agent: 'coder' } : {});
    await carryOut(stores.promises, promiseId(80), { type: 'cancel', at: START, reason: 'enough' });
    const { page } = await open({}, { scripted, path: '/#/promises' });
    const cards = page.locator(byTestId('promise'));
    await cards.nth(49).waitFor();
    for (const count of [100, 120]) {
      await page.click(byTestId('more'));
      await cards.nth(count - 1).waitFor();
    }
    await page.locator(byTestId('more')).waitFor({ state: 'hidden' });
    await page.fill(byTestId('filter-text'), 'needle');
    await cards.nth(3).waitFor({ state: 'detached' });
    expect(await shownIds(page)).to.deep.equal([120, 80, 40]);
    await page.selectOption(byTestId('filter-status'), 'cancelled');
    await cards.nth(1).waitFor({ state: 'detached' });
    expect([await shownIds(page), await page.evaluate('location.hash')]).to.deep.equal([[80], '#/promises?text=needle&status=cancelled']);
    await page.goto(new URL('/#/promises?agent=coder', page.url()).href);
    await page.locator('[data-promise-id="3"]').waitFor();
    expect(await shownIds(page)).to.deep.equal([3]);
    await page.fill(byTestId('filter-text'), 'nowhere');
    await page.getByText('No promises yet.').or(page.getByText('No promise fits.')).waitFor();
  });

  it('shows all of one promise as it goes on', async () => {
    const { scripted, made, said, stores, changed } = makeDeskApi();
    const first = await made('count the beans');
    const second = await made('tell of them', { dependsOn: [first.id] });
    const { page, complaints } = await open({}, { scripted, path: `/#/promises/${first.id}` });
    await page.getByText('count the beans').waitFor();
    await page.getByRole('link', { name: `#${second.id}` }).waitFor();
    await carryOut(stores.promises, first.id, { type: 'start', at: Date.now(), workerId: 'w1', leaseMs: 60_000 });
    changed();
    await page.locator('[data-status="in_progress"]').waitFor();
    await carryOut(stores.promises, first.id, {
      type: 'complete',
      at: Date.now(),
      workerId: 'w1',
      attempt: 1,
      result: 'There are **12**.',
    });
    await said('telegram:501', 'There are 12.', Date.now(), { promiseId: first.id });
    changed();
    await page.locator(byTestId('result')).locator('strong').waitFor();
    await page.locator(byTestId('told')).getByText('There are 12.').waitFor();
    await page.goto(new URL('/#/promises/99', page.url()).href);
    await page.getByText('There is no promise #99.').waitFor();
    expect(complaints.filter((line) => !line.includes('404'))).to.deep.equal([]);
  });

  it('shows who may do what and by which rule, and lets people in', async () => {
    const { scripted } = makeDeskApi();
    const ada = userId('telegram:501');
    let status: PairingStatus = 'asked';
    const rights = rightsIn(buildPolicy(), 'operator');
    const pairing = () => ({
      ...makePairing({ id: ada, kind: 'person' }, chatId('telegram:501'), { code: 'K7QF2MXD', at: START }),
      status,
    });
    const decide = (next: PairingStatus) => async () => {
      status = next;
      return ok(pairing());
    };
    Object.assign(scripted.api, {
      listPeople: async () => ({ people: [{ subject: ada, id: ada, name: 'Ada', path: 'people.501' }], workspaces: [] }),
      tellAccess: async (subject: string) => ok({ ...rights, subject, places: [{ ...rights, of: 'Garden' }] }),
      listPairings: async () => [pairing()],
      approvePairing: decide('paired'),
      revokePairing: decide('revoked'),
    });
    const { page, complaints } = await open({}, { scripted, path: '/#/people' });
    await page.click(byTestId('approve-pairing'));
    await page.locator(`${byTestId('pairing')}[data-status="paired"]`).waitFor();
    await page.click(byTestId('revoke-pairing'));
    await page.locator(`${byTestId('pairing')}[data-status="revoked"]`).waitFor();
    await page.getByRole('link', { name: 'Ada' }).click();
    await page.locator(byTestId('place')).getByRole('row', { name: 'have code changed yes operator' }).waitFor();
    expect(complaints).to.deep.equal([]);
  });
});
