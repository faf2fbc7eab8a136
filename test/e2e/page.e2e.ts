import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { HttpServerOptions } from '../../src/adapters/http/index.ts';
import { DEFAULT_LOCAL_CHAT, localChatId, MAX_MESSAGE_LENGTH, type PromiseId, promiseId } from '../../src/domain/index.ts';
import { localMessage } from '../../src/testing/index.ts';
import { openBrowser } from '../support/browser.ts';
import { HOSTILE_TEXTS, plainText } from '../support/hostile-texts.ts';
import { makeScriptedApi, serve } from '../support/http-api.ts';

const byTestId = (id: string): string => `[data-testid="${id}"]`;
const ATTACK = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> [go](javascript:window.hacked=1)';

describe('the page', () => {
  let browser: Browser;
  const closers: (() => Promise<unknown>)[] = [];
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  const open = async (
    options: Partial<HttpServerOptions> = {},
    {
      scripted = makeScriptedApi(),
      viewport = { width: 1200, height: 800 },
      path = '/',
    }: Partial<{ scripted: ReturnType<typeof makeScriptedApi>; path: string } & Pick<BrowserContextOptions, 'viewport'>> = {},
  ) => {
    const server = await serve(scripted, options);
    closers.push(server.close);
    const context = await browser.newContext({ viewport });
    closers.push(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
    await page.goto(server.url + path);
    return { ...scripted, page, complaints, close: server.close, url: server.url };
  };
  const connected = (page: Page) => page.waitForSelector('body[data-connected="true"]');
  const write = async (page: Page, text: string) => {
    await page.fill(byTestId('text'), text);
    await page.press(byTestId('text'), 'Enter');
  };

  it('sends a message, shows the answer grow and then stand, as a reply, and says that it works on it meanwhile', async () => {
    const { page, chat, say, complaints } = await open();
    await connected(page);
    await write(page, 'What is a lease?');
    await page.waitForSelector(byTestId('message-operator'));
    await page.waitForSelector(byTestId('dots'));
    await page.waitForFunction("document.getElementById('text').value === ''");
    void chat.showDraft({ chatId: DEFAULT_LOCAL_CHAT, text: 'A **lease** is', deliveryKey: '1' });
    const draft = page.locator(byTestId('draft'));
    await draft.locator('strong').waitFor();
    expect(await draft.textContent()).to.match(/^A lease is/);
    await say('A **lease** is the right to run a promise.\n\n```ts\nconst a = 1 < 2;\n```', {
      replyTo: localMessage(1),
      answers: [localMessage(1)],
    });
    const answer = page.locator(byTestId('message-agent'));
    await answer.waitFor();
    await draft.waitFor({ state: 'detached' });
    expect(await answer.locator('strong').textContent()).to.equal('lease');
    expect(await answer.locator('pre').textContent()).to.equal('const a = 1 < 2;');
    expect(await answer.locator(byTestId('reply-to')).textContent()).to.equal('What is a lease?');
    expect(await page.locator(byTestId('dots')).count()).to.equal(0);
    expect(complaints).to.deep.equal([]);
  });

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
    api.cancelPromise = async () => ({ ok: false, error: { code: 'promise/already-settled', message: 'promise #1 is already settled' } });
    promise('stubborn');
    await page.click(byTestId('cancel'));
    await page.getByText('Promise #1 is already settled.').waitFor();
  });

  it('shows this chat’s promises, and on request every chat’s', async () => {
    const { page, promise } = await open();
    promise('here');
    promise('elsewhere', { chatId: localChatId(2) });
    await page.getByText('here', { exact: true }).waitFor();
    expect(await page.locator(byTestId('promise')).count()).to.equal(1);
    await page.click(byTestId('everywhere'));
    await page.getByText('elsewhere', { exact: true }).waitFor();
    expect(await page.locator(byTestId('promise')).count()).to.equal(2);
    expect(await page.locator(byTestId('chat-link')).evaluateAll((links) => links.map((link) => link.getAttribute('href')))).to.deep.equal([
      '?chat=local:2',
      '?chat=local:1',
    ]);
    await page.click(byTestId('here'));
    await page.getByText('elsewhere', { exact: true }).waitFor({ state: 'detached' });
  });

  it('shows markup from anywhere as text, and runs none of it', async () => {
    const { page, say, promise, run, complete, chat, complaints } = await open();
    await connected(page);
    await write(page, ATTACK);
    await page.waitForSelector(byTestId('message-operator'));
    await say(`${ATTACK}\n\`\`\`${'<b>'}\n${ATTACK}\n\`\`\`\n- ${ATTACK}\n> ${ATTACK}\n# ${ATTACK}`, { replyTo: localMessage(1) });
    const { id } = promise(ATTACK);
    run(id);
    complete(id, ATTACK);
    void chat.showDraft({ chatId: DEFAULT_LOCAL_CHAT, text: ATTACK, deliveryKey: '1' });
    await page.waitForSelector(byTestId('draft'));
    await page.waitForSelector(byTestId('result'));
    await page.waitForSelector(byTestId('message-agent'));
    expect(await page.textContent(`${byTestId('message-operator')} p`)).to.equal(ATTACK);
    expect(await page.locator('main img, main script, main a').count()).to.equal(0);
    expect(await page.evaluate('window.hacked')).to.equal(undefined);
    expect(complaints).to.deep.equal([]);
  });

  it('lets no text from anywhere turn around what is read, and shows each part of it in its own direction', async () => {
    const controls = '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c';
    const spoof = `pay ${controls}001 euro`;
    const { page, say, promise, run, complete, fail, chat } = await open();
    await connected(page);
    await write(page, spoof);
    await page.waitForSelector(byTestId('message-operator'));
    const link = `https://a.example/${controls}b`;
    await say(
      `${spoof}\n\nשלום \`${spoof}\` **${spoof}**\n- ${spoof}\n> ${spoof}\n# ${spoof}\n\`\`\`x\n${spoof}\n\`\`\`\n[${spoof}](${link}) ${link}`,
      { replyTo: localMessage(1) },
    );
    const [kept, broken] = [promise(spoof), promise(spoof)];
    for (const { id } of [kept, broken]) run(id);
    complete(kept.id, spoof);
    fail(broken.id, spoof);
    void chat.showDraft({ chatId: DEFAULT_LOCAL_CHAT, text: spoof, deliveryKey: '1' });
    for (const id of ['draft', 'result', 'error', 'message-agent']) await page.waitForSelector(byTestId(id));
    const anyControl = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
    const shown = await page.evaluate(`[document.body.textContent, ...[...document.querySelectorAll('[title],[aria-label]')].flatMap(
      (one) => [one.getAttribute('title'), one.getAttribute('aria-label')])].join('\\n')`);
    expect(shown).to.include('pay 001 euro');
    expect(shown).not.to.match(anyControl);
    const bounds =
      await page.evaluate(`[...document.querySelectorAll('.bubble > *, .result > *, li > code, p > code, p > a, .reply-to, .task, .error')]
      .filter((one) => one.textContent.includes('001'))
      .map((one) => [one.matches('.fence, ul') ? one.querySelector('pre, li') : one][0])
      .map((one) => [one.tagName, one.dir, getComputedStyle(one).unicodeBidi])`);
    expect((bounds as unknown[]).length).to.be.greaterThan(12);
    for (const [tag, direction, isolation] of bounds as string[][]) {
      expect(direction, tag).to.equal(tag === 'PRE' ? 'ltr' : 'auto');
      expect(isolation, tag).to.equal('isolate');
    }
    expect(await page.evaluate("getComputedStyle([...document.querySelectorAll('.agent .bubble > p')].at(1)).direction")).to.equal('rtl');
  });

  it('says how the server is, and what answers, before and after it gets the token', async () => {
    const { page } = await open({ apiToken: 'open sesame' });
    await page.waitForSelector('[data-testid="health"][data-status="ok"]');
    expect(await page.textContent(byTestId('health'))).to.equal('ok');
    await page.fill(byTestId('token'), 'open sesame');
    await page.press(byTestId('token'), 'Enter');
    await connected(page);
    await page.locator(byTestId('health'), { hasText: /^ok · rehearsal$/ }).waitFor();
    expect(await page.getAttribute(byTestId('health'), 'title')).to.match(
      /^Server: ok\nAnswers come from the model rehearsal\nstorage: ok/,
    );
  });

  it('says that the server is down, or not to be reached', async () => {
    const scripted = makeScriptedApi();
    const healthy = await scripted.api.health();
    scripted.api.health = async () => ({ ...healthy, status: 'down' });
    const { page, close } = await open({}, { scripted });
    await page.locator(byTestId('health'), { hasText: /^down · rehearsal$/ }).waitFor();
    await connected(page);
    await close();
    await page.locator(byTestId('health'), { hasText: /^server not reachable$/ }).waitFor();
  });

  it('runs no script that got into it all the same', async () => {
    const { page, complaints } = await open();
    await connected(page);
    await page.evaluate("document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.hacked = 1' }))");
    expect(await page.evaluate('window.hacked')).to.equal(undefined);
    expect(complaints.join()).to.match(/Content Security Policy/);
  });

  it('keeps the text of a failed send, says why, and sends it when it can', async () => {
    const { page, api } = await open();
    await connected(page);
    const { postMessage } = api;
    api.postMessage = async () => ({ ok: false, error: { code: 'chat/not-local', message: 'not now' } });
    await write(page, 'Keep me');
    await page.waitForSelector(byTestId('problem'));
    expect(await page.textContent(byTestId('problem'))).to.equal('Not sent. Not now. Your text is still here.');
    expect(await page.inputValue(byTestId('text'))).to.equal('Keep me');
    api.postMessage = postMessage;
    await page.press(byTestId('text'), 'Enter');
    await page.waitForSelector(byTestId('message-operator'));
    await page.locator(byTestId('problem')).waitFor({ state: 'hidden' });
  });

  it('tells that the connection is lost, keeps what was typed, and comes back without losing or doubling a message', async () => {
    const scripted = makeScriptedApi();
    const { page, close, url, say } = await open({}, { scripted });
    await connected(page);
    await say('before');
    await page.getByText('before').waitFor();
    await close();
    await page.waitForSelector(byTestId('banner'));
    expect(await page.textContent(byTestId('banner'))).to.match(/Connection lost. Reconnecting…/);
    await write(page, 'Still there?');
    await page.waitForSelector(byTestId('problem'));
    expect(await page.textContent(byTestId('problem'))).to.equal('Not sent. The server can’t be reached. Your text is still here.');
    await say('meanwhile');
    const again = await serve(scripted, { port: Number(new URL(url).port) });
    closers.push(again.close);
    await page.getByText('meanwhile').waitFor();
    await page.waitForSelector(byTestId('banner'), { state: 'hidden' });
    await page.locator(byTestId('problem')).waitFor({ state: 'hidden' });
    expect(await page.inputValue(byTestId('text'))).to.equal('Still there?');
    expect(await page.locator(`${byTestId('message-agent')} .bubble`).allInnerTexts()).to.deep.equal(['before', 'meanwhile']);
  });

  it('greets with three requests to click, Enter sends and Shift+Enter starts a line', async () => {
    const { page } = await open();
    await connected(page);
    await page.waitForSelector(byTestId('empty'));
    expect(await page.locator(byTestId('example')).count()).to.equal(3);
    await page.locator(byTestId('example')).first().click();
    expect(await page.inputValue(byTestId('text'))).to.match(/^In the background/);
    await page.fill(byTestId('text'), 'one');
    await page.press(byTestId('text'), 'Shift+Enter');
    await page.keyboard.type('two');
    expect(await page.inputValue(byTestId('text'))).to.equal('one\ntwo');
    await page.keyboard.press('Enter');
    await page.waitForSelector(byTestId('message-operator'));
    expect(await page.textContent(`${byTestId('message-operator')} p`)).to.equal('one\ntwo');
    await page.locator(byTestId('empty')).waitFor({ state: 'hidden' });
  });

  it('counts down near the longest text, and lets nothing longer through', async () => {
    const { page } = await open();
    await connected(page);
    await page.fill(byTestId('text'), 'x'.repeat(50_000));
    expect(await page.locator(byTestId('left')).isHidden()).to.equal(true);
    await page.fill(byTestId('text'), 'x'.repeat(MAX_MESSAGE_LENGTH - 5));
    expect(await page.textContent(byTestId('left'))).to.equal('5 characters left');
    await page.fill(byTestId('text'), 'x'.repeat(MAX_MESSAGE_LENGTH + 3));
    expect(await page.textContent(byTestId('left'))).to.equal('3 characters too many');
    expect(await page.isDisabled(byTestId('send'))).to.equal(true);
    await page.fill(byTestId('text'), 'x'.repeat(MAX_MESSAGE_LENGTH));
    await page.press(byTestId('text'), 'Enter');
    await page.waitForSelector(byTestId('message-operator'));
  });

  it('opens a long chat at its end, and shows what came earlier on request', async () => {
    const scripted = makeScriptedApi();
    for (let n = 1; n <= 250; n++) await scripted.say(`number ${n}`);
    const { page } = await open({}, { scripted });
    await page.getByText('number 250', { exact: true }).waitFor();
    const shown = page.locator(byTestId('message-agent'));
    expect(await shown.count()).to.equal(100);
    for (const count of [200, 250]) {
      await page.click(byTestId('earlier'));
      await shown.nth(count - 1).waitFor();
    }
    expect(await shown.evaluateAll((all) => all.map(({ dataset }) => dataset.messageId))).to.deep.equal(
      Array.from({ length: 250 }, (_, i) => `local:${i + 1}`),
    );
    await page.locator(byTestId('earlier')).waitFor({ state: 'hidden' });
  });

  it('opens a chat of long messages at its end, with their quotes', async () => {
    const scripted = makeScriptedApi();
    for (let n = 1; n <= 12; n++) await scripted.say(plainText(20_000), n === 1 ? {} : { replyTo: localMessage(n - 1) });
    const { page } = await open({}, { scripted });
    await connected(page);
    const isAtEnd =
      "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2)(document.getElementById('scroll'))";
    await page.waitForFunction(isAtEnd);
    expect(await page.locator(byTestId('newest')).isHidden()).to.equal(true);
    expect(await page.locator(byTestId('reply-to')).count()).to.equal(11);
    await page.locator(byTestId('reply-to')).last().click();
    await page.locator('.message.found[data-message-id="local:11"]').waitFor();
  });

  it('asks for the token once, again when it is wrong, and then works', async () => {
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

  it('fits a phone: one view at a time, nothing wider than the screen', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kept-page-'));
    closers.push(() => rm(directory, { recursive: true }));
    const { page, say, promise } = await open({}, { viewport: { width: 390, height: 844 } });
    await connected(page);
    await say(`${'unbroken'.repeat(40)}\n\n\`\`\`\n${'code '.repeat(80)}\n\`\`\``);
    promise('unbroken'.repeat(40));
    await page.waitForSelector(byTestId('message-agent'));
    const isWithin = () => page.evaluate('document.documentElement.scrollWidth <= innerWidth');
    expect(await page.locator(byTestId('cards')).isHidden()).to.equal(true);
    expect(await isWithin()).to.equal(true);
    await page.click(byTestId('tab-promises'));
    await page.waitForSelector(byTestId('promise'));
    expect(await page.locator(byTestId('composer')).isHidden()).to.equal(true);
    expect(await isWithin()).to.equal(true);
    const path = join(directory, 'phone.png');
    await page.screenshot({ path });
    expect((await stat(path)).size).to.be.greaterThan(5_000);
  });

  it('shows tables, nested lists, rules and task boxes, in answers and in results', async () => {
    const { page, say, promise, run, complete, complaints } = await open();
    await connected(page);
    const text = '| a | b |\n|---|--:|\n| 1 | 2 |\n\n- one\n  - two\n    1. three\n- [x] four\n\n---\n\n![five](https://a.example/b.png)';
    await say(text);
    const { id } = promise('all kinds');
    run(id);
    complete(id, text);
    for (const place of [byTestId('message-agent'), byTestId('result')]) {
      await page.waitForSelector(place);
      const counted = `[${JSON.stringify(place)} + ' '].flatMap((place) => ['td', 'ul ul ol li', 'hr', 'input:disabled:checked', 'a', 'img']
        .map((kind) => document.querySelectorAll(place + kind).length))`;
      expect(await page.evaluate(counted), place).to.deep.equal([2, 1, 1, 1, 1, 0]);
    }
    expect(await page.evaluate("getComputedStyle(document.querySelector('td.right')).textAlign")).to.equal('right');
    expect(complaints).to.deep.equal([]);
  });

  for (const viewport of [
    { width: 1200, height: 800 },
    { width: 390, height: 844 },
  ])
    it(`never scrolls its window, ${viewport.width} wide: what is long or wide scrolls within itself`, async () => {
      const scripted = makeScriptedApi();
      const wide = 'unbroken'.repeat(40);
      for (let n = 1; n <= 200; n++) await scripted.say(`number ${n}`);
      await scripted.say(
        `${wide}\n\n|${` ${wide} |`.repeat(9)}\n|${'---|'.repeat(9)}\n\n\`\`\`\n${wide}\n\`\`\`\n> - > ${wide}\n\n1000000. a`,
      );
      for (let n = 1; n <= 30; n++) scripted.promise(`${wide} ${n}`);
      scripted.run(promiseId(30));
      scripted.complete(promiseId(30), `${wide}\n\n|${` ${wide} |`.repeat(9)}\n|${'---|'.repeat(9)}\n`);
      const { page } = await open({}, { scripted, viewport });
      await connected(page);
      await page.waitForSelector(byTestId('message-agent'));
      await page.click(byTestId('earlier'));
      await page.getByText('number 2', { exact: true }).waitFor();
      const sizes = `(() => {
        for (const one of document.querySelectorAll('.unseen, .message, .card, summary, td, pre, li')) one.scrollIntoView();
        scrollTo(0, 10_000);
        document.body.scrollTop = document.body.scrollLeft = 10_000;
        const { scrollHeight, scrollWidth, scrollTop } = document.documentElement;
        return { scrollHeight, scrollWidth, scrollTop, scrollY, scrollX, top: document.querySelector('.top').getBoundingClientRect().top };
      })()`;
      const still = { scrollHeight: viewport.height, scrollWidth: viewport.width, scrollTop: 0, scrollY: 0, scrollX: 0, top: 0 };
      expect(await page.evaluate(sizes)).to.deep.equal(still);
      await page.evaluate("document.body.dataset.tab = 'promises'");
      expect(await page.evaluate(sizes)).to.deep.equal(still);
      await page.evaluate("document.getElementById('token-dialog').showModal()");
      expect(await page.evaluate(sizes)).to.deep.equal(still);
    });

  it('is held up by no text, however hostile, for much longer than by a plain one', async () => {
    const { page } = await open();
    await connected(page);
    const titles = ['backtick runs of growing lengths', 'images one behind the other', 'openings of images', 'opening brackets'];
    titles.push(
      'quotes in one line',
      'a table of many rows',
      'rules',
      'fences that open and close',
      'bullets a line each',
      'lists of growing indent',
    );
    const texts = titles.map((title) => [title, HOSTILE_TEXTS[title]?.(100_000) ?? ''] as const);
    const show = async (text: string): Promise<number> =>
      (await page.evaluate(`(async () => {
        const { renderMarkdown } = await import('/markdown.js');
        const log = document.getElementById('log');
        const from = performance.now();
        const bubble = document.createElement('div');
        bubble.className = 'bubble';
        bubble.append(renderMarkdown(${JSON.stringify(text)}));
        log.append(bubble);
        void log.offsetHeight;
        const took = performance.now() - from;
        bubble.remove();
        return took;
      })()`)) as number;
    for (const [title, text] of texts) {
      const ratios: number[] = [];
      while (ratios.length < 4 && !ratios.some((ratio) => ratio < 20)) ratios.push((await show(text)) / (await show(plainText(100_000))));
      expect(Math.min(...ratios), title).to.be.below(20);
    }
  });

  it('shows this chat’s schedules as they come and go, and on request every chat’s', async () => {
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
    await page.click(byTestId('everywhere'));
    await cards.nth(2).waitFor();
    await page.locator('[data-schedule-id="2"]').locator(byTestId('chat-link')).waitFor();
    for (const left of [2, 1]) {
      await page.locator(byTestId('end-schedule')).first().click();
      await cards.nth(left).waitFor({ state: 'detached' });
    }
    await page.locator(byTestId('end-schedule')).click();
    await page.locator(byTestId('schedules')).waitFor({ state: 'hidden' });
    expect(complaints).to.deep.equal([]);
  });

  it('keeps its chats apart', async () => {
    const { page, say } = await open({}, { path: '/?chat=local:2' });
    await connected(page);
    await say('to the first');
    await say('to the second', { chatId: localChatId(2) });
    await page.getByText('to the second').waitFor();
    expect(await page.locator(byTestId('message-agent')).count()).to.equal(1);
  });

  it('refuses a chat that is none in words, and shows nothing in its place', async () => {
    const { page, say, url } = await open({}, { path: '/?chat=abc' });
    await say('of the first chat');
    for (const chat of ['abc', '0', '-3', '1.5', '1000000000', 'telegram:7', '']) {
      await page.goto(`${url}/?chat=${chat}`);
      await page.getByText(`“${chat}” is not a local chat. Open ?chat=local:1`).waitFor();
      expect(await page.locator(byTestId('message-agent')).count()).to.equal(0);
      expect(await page.locator(byTestId('text')).isDisabled()).to.equal(true);
    }
  });

  it('shows each message’s number, which explain takes', async () => {
    const { page, say } = await open();
    await connected(page);
    await say('numbered');
    await page.locator(byTestId('message-number')).waitFor();
    expect(await page.locator(byTestId('message-number')).textContent()).to.equal(' · #1');
  });
});
