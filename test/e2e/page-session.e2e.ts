import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { makeUnstoredState } from '../../src/adapters/http/auth/sign-ins.ts';
import { DEFAULT_LOCAL_CHAT } from '../../src/domain/index.ts';
import { findBarriers } from '../support/axe.ts';
import { makeScriptedApi } from '../support/http-api.ts';
import { byTestId, connected, usePages, write } from '../support/page.ts';
import { TOKEN } from '../support/sign-in.ts';

/** A page of somebody else at another port of the same host, which tries to write and to read at that server. */
const openEvilPage = async (closers: (() => Promise<unknown>)[], target: string) => {
  const outcomes: string[] = [];
  const script = `
    const asked = { credentials: 'include' };
    const read = (path, options) => fetch('${target}' + path, { ...asked, ...options }).then(() => 'read', () => 'blocked');
    (async () => {
      await fetch('${target}/api/v1/chat/messages', { ...asked, method: 'POST', mode: 'no-cors', body: '{"text":"attack"}' }).catch(() => undefined);
      const outcomes = [await read('/api/v1/promises'), await read('/api/v1/session', { method: 'DELETE', headers: { 'x-csrf-token': 'x' } })];
      await fetch('/outcomes?' + outcomes.join());
      window.sent = true;
      document.querySelector('form').submit();
    })();`;
  const form = `<form method="post" enctype="text/plain" target="frame" action="${target}/api/v1/chat/messages"><input name='{"text":"attack","x":"' value='"}'></form>`;
  const html = `<!doctype html><body>${form}<iframe name="frame" onload="if (window.sent) document.body.dataset.done = 1"></iframe><script>${script}</script></body>`;
  const server = createServer((request, response) => {
    const told = new URL(request.url ?? '/', target).search.slice(1);
    if (told !== '') outcomes.push(...told.split(','));
    response.writeHead(200, { 'content-type': 'text/html' }).end(told === '' ? html : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, read: () => outcomes };
};

describe('Sign-in at the page', () => {
  const { open, closers } = usePages();

  const signIn = async (page: Page, token = TOKEN) => {
    await page.waitForSelector(`${byTestId('token-dialog')}[open]`);
    await page.fill(byTestId('token'), token);
    await page.click(byTestId('token-submit'));
  };
  const signOut = async (page: Page, where: 'here' | 'everywhere') => {
    await page.click(byTestId('sign-out'));
    await page.click(byTestId(`sign-out-${where}`));
    await page.waitForSelector(`${byTestId('token-dialog')}[open]`);
  };

  it('is asked for once; then the page reads, writes and follows by a cookie that no script can see', async () => {
    const { page, say, complaints } = await open({ apiToken: TOKEN });
    await signIn(page);
    await connected(page);
    await write(page, 'Hello');
    await page.waitForSelector(byTestId('message-operator'));
    await say('Hello yourself');
    await page.waitForSelector(byTestId('message-agent'));
    expect(await page.evaluate<string>('document.cookie')).to.equal('');
    expect(await page.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).to.equal('[{},{}]');
    const [cookie] = await page.context().cookies();
    expect(cookie).to.include({ httpOnly: true, sameSite: 'Strict', secure: false, path: '/' });
    await page.reload();
    await connected(page);
    expect(await page.locator(byTestId('token-dialog')).isVisible()).to.equal(false);
    // The requests before the sign-in, and nothing else.
    expect(complaints.filter((line) => !/status of 401/.test(line))).to.deep.equal([]);
  });

  it('says what is wrong with a token, and for how long a guesser has to wait', async () => {
    const { page } = await open({ apiToken: TOKEN });
    for (let n = 0; n < 11; n++) {
      await signIn(page, `wrong ${n}`);
      await page.locator(byTestId('token-problem'), { hasText: 'That is not this server’s token.' }).waitFor();
    }
    await signIn(page);
    await page.locator(byTestId('token-problem'), { hasText: /Too many wrong tokens.*Try again in [12] s\./ }).waitFor();
    const answered = () =>
      page.waitForResponse((response) => response.url().endsWith('/session') && response.request().method() === 'POST');
    for (let status = 429; status === 429; ) {
      const [answer] = await Promise.all([answered(), signIn(page)]);
      status = answer.status();
    }
    await connected(page);
  });

  it('ends by sign-out, and nothing of what was shown stays; what another browser shows goes on', async () => {
    const { page, url, say } = await open({ apiToken: TOKEN });
    await signIn(page);
    await connected(page);
    await say('a secret of mine');
    await page.waitForSelector(byTestId('message-agent'));
    const other = await (await page.context().browser()?.newContext())?.newPage();
    if (!other) throw new Error('there is no browser');
    await other.goto(url);
    await signIn(other);
    await connected(other);
    await signOut(page, 'here');
    expect(await page.content()).not.to.include('a secret of mine');
    expect(await page.context().cookies()).to.deep.equal([]);
    await say('for the other');
    await other.locator(byTestId('message-agent'), { hasText: 'for the other' }).waitFor();
    await signIn(page);
    await connected(page);
    await signOut(page, 'everywhere');
    await other.waitForSelector(`${byTestId('token-dialog')}[open]`);
    await other.context().close();
  });

  it('is asked for again where it ends at the server: what was shown is hidden, what was being written is not lost', async () => {
    const state = makeUnstoredState();
    const { page, say } = await open({ apiToken: TOKEN, signIns: state });
    await signIn(page);
    await connected(page);
    await say('a secret of mine');
    await page.waitForSelector(byTestId('message-agent'));
    await page.fill(byTestId('text'), 'half a sent');
    // As another process does.
    await state.set(new Map([['seed', 'x'.repeat(64)]]));
    await page.waitForSelector(`${byTestId('token-dialog')}[open]`);
    expect(await page.locator(byTestId('message-agent')).isVisible()).to.equal(false);
    await signIn(page);
    await connected(page);
    expect(await page.locator(byTestId('message-agent')).isVisible()).to.equal(true);
    expect(await page.inputValue(byTestId('text'))).to.equal('half a sent');
    await write(page, 'half a sentence');
    await page.waitForSelector(byTestId('message-operator'));
  });

  it('in another tab counts here, too', async () => {
    const { page, url } = await open({ apiToken: TOKEN });
    await signIn(page);
    await connected(page);
    const tab = await page.context().newPage();
    await tab.goto(url);
    await connected(tab);
    await signOut(tab, 'here');
    await page.waitForSelector(`${byTestId('token-dialog')}[open]`);
    await signIn(tab);
    await connected(tab);
    await signIn(page);
    await connected(page);
    // The second value of this tab is that of its own sign-in; the cookie is that of the last one.
    await write(tab, 'from the other tab');
    await tab.locator(byTestId('message-operator'), { hasText: 'from the other tab' }).waitFor();
  });

  it('can not be used by a page at another port of the same host, which counts as the same site', async () => {
    const scripted = makeScriptedApi();
    const { page, url, transcript } = await open({ apiToken: TOKEN }, { scripted });
    await signIn(page);
    await connected(page);
    const evil = await openEvilPage(closers, url);
    const attacker = await page.context().newPage();
    await attacker.goto(evil.url);
    await attacker.waitForSelector('body[data-done]');
    const refused = scripted.logger.lines.flatMap(({ fields }) => (fields.code === 'http/forbidden-origin' ? [fields.path] : []));
    // The form, and what a script sent: each is refused for where it comes from.
    expect(refused.filter((path) => path === '/api/v1/chat/messages').length).to.be.greaterThanOrEqual(2);
    expect(refused).to.include('/api/v1/promises');
    expect(evil.read()).to.deep.equal(['blocked', 'blocked']);
    expect(await transcript.latest(DEFAULT_LOCAL_CHAT, 1)).to.deep.equal([]);
    await write(page, 'still here');
    await page.waitForSelector(byTestId('message-operator'));
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`puts nothing in anybody's way, in ${colorScheme} colours and at 390 px: axe-core finds no serious barrier`, async () => {
      const { page } = await open({ apiToken: TOKEN }, { viewport: { width: 390, height: 844 } });
      await page.emulateMedia({ colorScheme });
      await signIn(page, 'wrong');
      await page.waitForSelector(byTestId('token-problem'));
      expect(await findBarriers(page)).to.deep.equal([]);
      await signIn(page);
      await connected(page);
      await page.click(byTestId('menu'));
      await page.click(byTestId('sign-out'));
      await page.waitForSelector(`${byTestId('sign-out-dialog')}[open]`);
      expect(await findBarriers(page)).to.deep.equal([]);
      await page.keyboard.press('Escape');
      expect(await page.locator(byTestId('sign-out-dialog')).isVisible()).to.equal(false);
    });

  it('is not offered where no token is set', async () => {
    const { page } = await open({}, { scripted: makeScriptedApi() });
    await connected(page);
    expect(await page.locator(byTestId('sign-out')).isVisible()).to.equal(false);
    await write(page, 'Hello');
    await page.waitForSelector(byTestId('message-operator'));
  });
});
