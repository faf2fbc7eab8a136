import { expect } from 'chai';
import { DEFAULT_LOCAL_CHAT, localChatId, MAX_MESSAGE_LENGTH } from '../../src/domain/index.ts';
import { localMessage } from '../../src/testing/index.ts';
import { plainText } from '../support/hostile-texts.ts';
import { makeScriptedApi, serve } from '../support/http-api.ts';
import { byTestId, connected, usePages, write } from '../support/page.ts';

describe('The chat on the page', () => {
  const { open, closers } = usePages();

  it('sends a message, shows that it is worked on, and shows the answer grow and then stand as a reply', async () => {
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

  it('keeps the text of a failed send, says why it failed, and sends it later', async () => {
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

  it('sends a text under one key until it has changed or arrived: a lost answer and Enter again store one message', async () => {
    const { page, transcript } = await open();
    await connected(page);
    const keys: (string | undefined)[] = [];
    await page.route('**/api/chat/messages', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length > 1) return route.continue();
      // It is stored, and its answer is lost.
      await route.fetch();
      await route.abort();
    });
    await write(page, 'Once, please');
    await page.locator(byTestId('problem')).waitFor();
    expect(await page.textContent(byTestId('problem'))).to.equal(
      'It may not be sent. The server can’t be reached. Your text is still here.',
    );
    await page.press(byTestId('text'), 'Enter');
    await page.locator(byTestId('problem')).waitFor({ state: 'hidden' });
    for (const nth of [1, 2]) {
      await write(page, 'Another');
      await page.locator(byTestId('message-operator')).nth(nth).waitFor();
      await page.locator(`${byTestId('text')}:not([readonly])`).waitFor();
    }
    const texts = (await transcript.latest(DEFAULT_LOCAL_CHAT, 10)).map(({ text }) => text);
    expect(texts).to.deep.equal(['Once, please', 'Another', 'Another']);
    const [lost, again, ...others] = keys;
    expect(lost).to.match(/^[0-9a-f]{32}$/);
    expect(again).to.equal(lost);
    expect(new Set([lost, ...others]).size).to.equal(3);
  });

  it('sends without a key where the host of a library keeps none', async () => {
    const { page, transcript } = await open({ idempotency: undefined });
    await connected(page);
    await write(page, 'Hello');
    await page.locator(byTestId('message-operator')).waitFor();
    expect((await transcript.latest(DEFAULT_LOCAL_CHAT, 10)).map(({ text }) => text)).to.deep.equal(['Hello']);
  });

  it('shows that the connection is lost, keeps the typed text, and reconnects without losing or doubling a message', async () => {
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
    expect(await page.textContent(byTestId('problem'))).to.equal(
      'It may not be sent. The server can’t be reached. Your text is still here.',
    );
    await say('meanwhile');
    const again = await serve(scripted, { port: Number(new URL(url).port) });
    closers.push(again.close);
    await page.getByText('meanwhile').waitFor();
    await page.waitForSelector(byTestId('banner'), { state: 'hidden' });
    await page.locator(byTestId('problem')).waitFor({ state: 'hidden' });
    expect(await page.inputValue(byTestId('text'))).to.equal('Still there?');
    expect(await page.locator(`${byTestId('message-agent')} .bubble`).allInnerTexts()).to.deep.equal(['before', 'meanwhile']);
  });

  it('offers three requests to click, sends at Enter, and starts a line at Shift+Enter', async () => {
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

  it('counts down near the greatest length of a text, and sends nothing longer', async () => {
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

  it('opens a long chat at its end, and shows earlier messages on request', async () => {
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

  it('shows only the messages of its own chat', async () => {
    const { page, say } = await open({}, { path: '/?chat=local:2' });
    await connected(page);
    await say('to the first');
    await say('to the second', { chatId: localChatId(2) });
    await page.getByText('to the second').waitFor();
    expect(await page.locator(byTestId('message-agent')).count()).to.equal(1);
  });

  it('says that an address names no local chat, and shows no messages', async () => {
    const { page, say, url } = await open({}, { path: '/?chat=abc' });
    await say('of the first chat');
    for (const chat of ['abc', '0', '-3', '1.5', '1000000000', 'telegram:7', '']) {
      await page.goto(`${url}/?chat=${chat}`);
      await page.getByText(`“${chat}” is not a local chat. Open ?chat=local:1`).waitFor();
      expect(await page.locator(byTestId('message-agent')).count()).to.equal(0);
      expect(await page.locator(byTestId('text')).isDisabled()).to.equal(true);
    }
  });

  it('shows the number of each message, as `kept explain` takes it', async () => {
    const { page, say } = await open();
    await connected(page);
    await say('numbered');
    await page.locator(byTestId('message-number')).waitFor();
    expect(await page.locator(byTestId('message-number')).textContent()).to.equal(' · #1');
  });
});
