import { expect } from 'chai';
import { makeExplainMessage, makeExplainOwn } from '../../../src/application/inbox/explain-message.ts';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildTool,
  GROUP,
  makeScriptedModel,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { advance, makeProcess, makeWorld, type ProcessOptions, settle } from '../support/harness.ts';

const chat = telegramChat(501);
const running = new AbortController().signal;
const HEAD = 'Message 1 in chat telegram:501, from ada, sent 2026-11-22T12:00:00.000Z, received 2026-11-22T12:00:00.000Z.';
const ALLOWED = 'Access: allowed by rule whitelisted-user-id, set at dm_whitelist.allowed_user_ids.501.';

const stage = (script: Parameters<typeof makeScriptedModel>[0] = [], options: ProcessOptions = {}) => {
  const world = makeWorld();
  const process = makeProcess(world, { model: makeScriptedModel(script), ...options });
  const explain = makeExplainMessage({ stores: world.storage.stores });
  const explainOwn = makeExplainOwn({ stores: world.storage.stores });
  return {
    world,
    process,
    lines: async (id = chat) => (await explain(id, telegramMessage(1)))?.lines,
    own: async (number: number) => (await explainOwn(chat, telegramMessage(number)))?.lines,
  };
};

describe('explaining a message (invariant 5)', () => {
  it('one that never came is not known', async () => {
    expect(await stage().lines()).to.equal(undefined);
  });

  it('denied: by which rule, set where', async () => {
    const { process, lines } = stage();
    await process.receive(buildMessage({ chatId: telegramChat(9), sender: { id: telegramUser(9), kind: 'person' } }));
    expect((await lines(telegramChat(9)))?.slice(1)).to.deep.equal([
      'Access: denied by rule not-whitelisted, set at dm_whitelist.',
      'Verdict: denied.',
    ]);
  });

  it('what became of the files that it brought', async () => {
    const { world, process, lines } = stage();
    const messageId = telegramMessage(1);
    const words = '[the file was not taken: it is gone]';
    await process.receive(buildMessage({ attachments: [{ messageId, kind: 'photo' }] }));
    await world.storage.stores.messages.complete(chat, messageId, {
      text: 'see',
      files: [
        { messageId, kind: 'photo', path: 'inbox/501/1-photo.jpg', words: '[saved as inbox/501/1-photo.jpg]' },
        { messageId, kind: 'voice', words },
      ],
    });
    expect((await lines())?.slice(1, 3)).to.deep.equal([
      'It brought a file (photo), kept as inbox/501/1-photo.jpg.',
      'It brought a file (voice) that was not kept.',
    ]);
  });

  it('remembered, and ignored: by which rule', async () => {
    const { process, lines } = stage();
    await process.receive(buildMessage({ chatId: GROUP, chatKind: 'group' }));
    expect((await lines(GROUP))?.slice(2)).to.deep.equal(['Response: remember, by rule not-addressed.', 'Verdict: remembered.']);
    await process.receive(buildMessage({ text: ' ' }));
    expect((await lines())?.slice(2)).to.deep.equal(['Response: ignore, by rule empty.', 'Verdict: ignored.']);
  });

  it('waiting, answered, its reply failing, and delivered', async () => {
    const { world, process, lines } = stage([{ text: 'At 9:41.' }]);
    await process.receive(buildMessage());
    const start = [HEAD, ALLOWED, 'Response: answer, by rule direct-message.'];
    expect(await lines()).to.deep.equal([...start, 'Verdict: none yet; it waits for its turn.']);
    await process.answerChat(chat, running);
    const after = [...start, 'Verdict: answered.'];
    const turn = (await lines())?.[4] ?? '';
    expect(turn).to.match(/^Turn [\w-]{22}: agent telegram_chat_agent, model scripted-1, 0 ms, 0 tool calls, answered\.$/);
    expect(await lines()).to.deep.equal([...after, turn, 'Reply: to be sent.']);
    world.gateway.failNext(1, 'before');
    process.deliverer.start();
    await settle();
    expect((await lines())?.at(-1)).to.equal('Reply: to be sent (1 send failed, the last: the other side is down).');
    await advance(world, 500);
    expect((await lines())?.at(-1)).to.equal('Reply: delivered 2026-11-22T12:00:00.500Z as message 1000, after 2 sends.');
  });

  it('says which words of others a reply and a promise come from', async () => {
    const page = buildTool({ name: 'read_page', source: 'web' });
    const read = { id: 'a', tool: 'read_page', input: {} };
    const make = { id: 'b', tool: 'make_promise', input: { description: 'count' } };
    const agent = { ...CHAT_AGENT, tools: ['read_page', 'make_promise'] };
    const { process, lines } = stage([{ toolCalls: [read] }, { toolCalls: [make] }, { text: 'As #1.' }], { moreTools: [page], agent });
    await process.receive(buildMessage());
    await process.answerChat(chat, running);
    const told = (await lines()) ?? [];
    expect(told.filter((line) => line.includes('web page')).map((line) => line.replace(/^Step \d+: |, \d+ ms/g, ''))).to.deep.equal([
      'read_page: done, from a web page.',
      'Reply: led to by a web page, too, which people here did not write.',
      'Promise #1: led to by a web page, too, which people here did not write.',
    ]);
  });

  it("names what a message of Kept's own replies to", async () => {
    const { process, own } = stage([{ text: 'At 9:41.' }]);
    await process.receive(buildMessage());
    await process.answerChat(chat, running);
    process.deliverer.start();
    await settle();
    expect(await own(999)).to.equal(undefined);
    expect(await own(1000)).to.deep.equal([
      "Message 1000 in chat telegram:501 is Kept's own: a reply to message 1.",
      'Message 1 of @ada (2026-11-22 12:00 UTC) asked for it: let in by rule whitelisted-user-id (dm_whitelist.allowed_user_ids.501), and answered by rule direct-message.',
      'Agent telegram_chat_agent answered with model scripted-1, in 0.0 s.',
      'Reply: delivered 2026-11-22T12:00:00.000Z as message 1000, after 1 send.',
      'Why message 1 was answered: `kept explain 1 --chat telegram:501`.',
    ]);
  });

  it('names the promise that a message of Kept’s own tells of', async () => {
    const call = { id: 'a', tool: 'make_promise', input: { description: 'count' } };
    const { process, own } = stage([{ toolCalls: [call] }, { text: 'As #1.' }]);
    await process.receive(buildMessage());
    await process.answerChat(chat, running);
    process.worker.start();
    process.deliverer.start();
    await settle();
    expect((await own(1001))?.[0]).to.equal("Message 1001 in chat telegram:501 is Kept's own: a reply to message 1, about promise #1.");
  });

  it('failed: why, and that the reply was given up', async () => {
    const { world, process, lines } = stage([{ error: new PortError('unavailable', 'overloaded', { retryable: true }) }]);
    await process.receive(buildMessage());
    await process.answerChat(chat, running);
    world.gateway.failNext(1, 'before', new PortError('invalid-request', 'the chat is gone', { retryable: false }));
    process.deliverer.start();
    await settle();
    const [verdict, turn, reply] = (await lines())?.slice(3) ?? [];
    expect(verdict).to.equal('Verdict: failed (overloaded).');
    expect(turn).to.match(/model none, .* failed\.$/);
    expect(reply).to.equal('Reply: given up 2026-11-22T12:00:00.000Z: the chat is gone.');
  });

  it('the promises that it led to, and whether their outcomes were delivered', async () => {
    const call = { id: 'a', tool: 'make_promise', input: { description: 'count' } };
    const { process, lines } = stage([{ toolCalls: [call] }, { text: 'As #1.' }]);
    await process.receive(buildMessage());
    await process.answerChat(chat, running);
    expect((await lines())?.at(-1)).to.equal('Promise #1: pending, attempts 0, outcome not delivered yet.');
    process.worker.start();
    process.deliverer.start();
    await settle();
    expect((await lines())?.at(-1)).to.equal('Promise #1: completed, attempts 1, outcome delivered 2026-11-22T12:00:00.000Z.');
  });
});
