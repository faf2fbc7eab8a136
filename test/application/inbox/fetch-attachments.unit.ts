import { expect } from 'chai';
import type { Attachment, ChatId, IncomingMessage } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import type { MessageOverrides } from '../../../src/testing/index.ts';
import { buildMessage, buildPolicy, GROUP, makeScriptedModel, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { makeLifetime, type ProcessLifetime } from '../crashes/process-lifetime.ts';
import { advance, makeProcess, makeWorld, redact, SECRET, settle } from '../support/harness.ts';

const ADA = telegramChat(501);

const file = (n: number, fileName = `file-${n}.txt`): Attachment => ({ messageId: telegramMessage(n), kind: 'document', fileName });
const withFile = (n: number, text: string, more: MessageOverrides = {}): IncomingMessage =>
  buildMessage({ messageId: telegramMessage(n), text, attachments: [file(n)], ...more });
const plain = (n: number, text: string, more: MessageOverrides = {}): IncomingMessage =>
  buildMessage({ messageId: telegramMessage(n), text, ...more });

const stage = () => {
  const world = makeWorld();
  const asked: string[] = [];
  const model = makeScriptedModel([]);
  const answering = {
    ...model,
    respond: async ({ conversation }: Parameters<typeof model.respond>[0]) => {
      asked.push(...conversation.flatMap((step) => (step.role === 'person' ? [step.text] : [])));
      return {
        text: 'Yes.',
        toolCalls: [],
        stop: 'end' as const,
        usage: { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0 },
        model: 'm',
      };
    },
  };
  const begin = (life: ProcessLifetime = makeLifetime()) => {
    const process = makeProcess(world, { life, model: answering as never });
    process.start();
    return process;
  };
  const textOf = async (n: number, chat: ChatId = ADA) => (await world.storage.stores.messages.get(chat, telegramMessage(n)))?.message.text;
  const verdictOf = async (n: number, chat: ChatId = ADA) =>
    (await world.storage.stores.messages.get(chat, telegramMessage(n)))?.verdict?.kind;
  return { world, begin, asked, textOf, verdictOf };
};

describe('the attachments of a message', () => {
  it('fetches attachments after the message is durable; its turn waits for them, and later messages stay behind it', async () => {
    const { world, begin, asked, textOf, verdictOf } = stage();
    const gate = Promise.withResolvers<void>();
    world.gateway.onFetch = () => gate.promise;
    const process = begin();
    await process.receive(withFile(1, 'please read'));
    await process.receive(plain(2, 'and this'));
    await advance(world, 20_000);
    expect([await textOf(1), await verdictOf(1), await verdictOf(2)]).to.deep.equal(['please read', undefined, undefined]);
    expect(asked).to.deep.equal([]);
    gate.resolve();
    await settle();
    await settle();
    expect(await textOf(1)).to.equal('please read\n[saved as inbox/file-1.txt]');
    expect([await verdictOf(1), await verdictOf(2)]).to.deep.equal(['answered', 'answered']);
    expect(asked.join('|')).to.match(/please read\n\[saved as inbox\/file-1.txt\].*and this/s);
  });

  it('fetches attachments of one chat in order, and of several chats at once', async () => {
    const { world, begin } = stage();
    const gates = new Map<string, PromiseWithResolvers<void>>();
    world.gateway.onFetch = ({ text }) => {
      const gate = Promise.withResolvers<void>();
      gates.set(text, gate);
      return gate.promise;
    };
    const process = begin();
    await process.receive(withFile(1, 'one'));
    await process.receive(withFile(2, 'two'));
    await process.receive(withFile(3, '@kept three', { chatId: GROUP, chatKind: 'group', addressedTo: 'us' }));
    await settle();
    expect([...gates.keys()]).to.deep.equal(['one', '@kept three']);
    gates.get('one')?.resolve();
    await settle();
    expect([...gates.keys()]).to.deep.equal(['one', '@kept three', 'two']);
  });

  it('fetches attachments again after the process died, and answers the message once', async () => {
    for (let steps = 1; steps <= 12; steps++) {
      const { world, begin, asked, textOf, verdictOf } = stage();
      const life = makeLifetime();
      const process = begin(life);
      await settle();
      life.endAfter(steps);
      void process.receive(withFile(1, 'please read'));
      await advance(world, 20_000);
      const second = begin();
      await second.receive(withFile(1, 'please read'));
      await advance(world, 60_000);
      expect(await textOf(1), `after ${steps} steps`).to.equal('please read\n[saved as inbox/file-1.txt]');
      expect(await verdictOf(1)).to.equal('answered');
      expect(asked.filter((text) => text.includes('please read') && !text.includes('[saved as'))).to.deep.equal([]);
      expect(world.gateway.sent).to.have.length(1);
    }
  });

  it('leaves attachments for the next start when the bot stops', async () => {
    const { world, begin, textOf } = stage();
    world.gateway.onFetch = (_, { signal }) => new Promise((__, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const process = begin();
    await process.receive(withFile(1, 'please read'));
    await settle();
    await process.attachments.stop();
    expect(await textOf(1)).to.equal('please read');
    world.gateway.onFetch = async () => undefined;
    begin();
    await settle();
    await settle();
    expect(await textOf(1)).to.equal('please read\n[saved as inbox/file-1.txt]');
  });

  it('fetches attachments again with a back-off while that may help, then says that there is no file', async () => {
    const { world, begin, textOf, verdictOf } = stage();
    world.gateway.onFetch = async () => {
      throw new PortError('unavailable', 'not connected', { retryable: true });
    };
    const process = begin();
    await process.receive(withFile(1, 'please read'));
    await advance(world, 9 * 60_000);
    expect([await textOf(1), await verdictOf(1)]).to.deep.equal(['please read', undefined]);
    expect(world.gateway.fetches.length).to.be.within(10, 20);
    await advance(world, 3 * 60_000);
    expect(await textOf(1)).to.equal('please read\n[the file was not taken: it could not be had]');
    expect(await verdictOf(1)).to.equal('answered');
  });

  it('does not fetch attachments again that are refused for good', async () => {
    const { world, begin, textOf } = stage();
    world.gateway.onFetch = async () => {
      throw new PortError('invalid-request', 'no such file', { retryable: false });
    };
    const process = begin();
    await process.receive(withFile(1, 'please read'));
    await settle();
    expect(await textOf(1)).to.equal('please read\n[the file was not taken: it could not be had]');
    expect(world.gateway.fetches).to.have.length(1);
  });

  it('puts the words of an attachment of an album below the part that brought it', async () => {
    const { begin, textOf, world } = stage();
    const parts = [1, 2].map((n) => ({ messageId: telegramMessage(n), text: `photo ${n}` }));
    const process = begin();
    await process.receive(buildMessage({ parts, text: 'photo 1\nphoto 2', attachments: [file(1), file(2)] }));
    await settle();
    expect(await textOf(1)).to.equal('photo 1\n[saved as inbox/file-1.txt]\nphoto 2\n[saved as inbox/file-2.txt]');
    const [record] = await world.storage.stores.messages.withIds([telegramMessage(2)], ADA);
    expect(record?.message.parts?.[1]?.text).to.equal('photo 2\n[saved as inbox/file-2.txt]');
  });

  it('fetches no attachments of strangers, or of people who are no longer allowed', async () => {
    const { world, begin, textOf } = stage();
    const process = begin();
    await process.receive(
      withFile(1, 'from a stranger', { chatId: telegramChat(9), sender: { id: 'telegram:9' as never, kind: 'person' } }),
    );
    const gate = Promise.withResolvers<void>();
    world.gateway.onFetch = () => gate.promise;
    await process.receive(withFile(2, 'from Ada'));
    await settle();
    process.life.end();
    const fetches = world.gateway.fetches.length;
    const strict = makeProcess(world, {
      policy: buildPolicy({ whitelist: { userIds: new Map(), usernames: new Map(), defaultDirectory: '/srv' } }),
    });
    strict.start();
    await advance(world, 10_000);
    expect(world.gateway.fetches).to.have.length(fetches);
    expect(world.gateway.fetches.map(({ text }) => text)).to.deep.equal(['from Ada']);
    expect(await textOf(2)).to.equal('from Ada');
    expect(await world.storage.stores.messages.incomplete(10)).to.deep.equal([]);
  });

  it('adds the attachments of a message that is only remembered to the conversation', async () => {
    const { world, begin } = stage();
    const process = begin();
    const gate = Promise.withResolvers<void>();
    world.gateway.onFetch = () => gate.promise;
    await process.receive(withFile(1, 'for the record', { chatId: GROUP, chatKind: 'group' }));
    const said = async () =>
      (await world.storage.stores.conversations.recent(GROUP, 10)).map(({ step }) => (step.role === 'person' ? step.text : step.role));
    expect((await said()).join()).to.match(/for the record$/);
    gate.resolve();
    await settle();
    expect((await said()).join()).to.match(/for the record\n\[saved as inbox\/file-1.txt\]$/);
  });

  it('puts the words of attachments below the current text of the message, which may be edited or deleted', async () => {
    const { world, begin, textOf } = stage();
    const gate = Promise.withResolvers<void>();
    world.gateway.onFetch = () => gate.promise;
    const process = begin();
    await process.receive(withFile(1, 'before'));
    await process.receive(withFile(2, 'a secret'));
    await process.receive({ ...plain(1, 'after'), edited: true, editedAt: world.clock.now() + 1 });
    await process.erase({ chat: ADA, messageIds: [telegramMessage(2)] });
    gate.resolve();
    await settle();
    await settle();
    expect(await textOf(1)).to.equal('after\n[saved as inbox/file-1.txt]');
    expect(await textOf(2)).to.equal('');
  });

  it('keeps the files of a message, and the words about them, when its caption is edited', async () => {
    const { world, begin, textOf } = stage();
    const process = begin();
    await process.receive(withFile(1, 'before'));
    await settle();
    const edit = async (text: string, later: number) => {
      await process.receive({ ...plain(1, text), edited: true, editedAt: world.clock.now() + later });
      return (await world.storage.stores.messages.get(ADA, telegramMessage(1)))?.message;
    };
    const files = [{ messageId: telegramMessage(1), kind: 'document', path: 'inbox/file-1.txt', words: '[saved as inbox/file-1.txt]' }];
    expect(await edit('after', 1)).to.deep.include({ text: 'after\n[saved as inbox/file-1.txt]', files });
    expect(await edit('', 2)).to.deep.include({ text: '[saved as inbox/file-1.txt]', files });
    await process.receive({ ...plain(1, ''), edited: true, editedAt: world.clock.now() + 3 });
    expect(process.recorded.of('message-repeated')).to.have.length(1);
    expect(await textOf(1)).to.equal('[saved as inbox/file-1.txt]');
  });

  it('forgets the file of a part that is deleted, and those of a message that is', async () => {
    const { begin, world } = stage();
    const parts = [1, 2].map((n) => ({ messageId: telegramMessage(n), text: `photo ${n}` }));
    const process = begin();
    await process.receive(buildMessage({ parts, text: 'photo 1\nphoto 2', attachments: [file(1), file(2)] }));
    await settle();
    const paths = async () =>
      (await world.storage.stores.messages.files(ADA, [telegramMessage(1)])).get(telegramMessage(1))?.map(({ path }) => path);
    expect(await paths()).to.deep.equal(['inbox/file-1.txt', 'inbox/file-2.txt']);
    await process.erase({ chat: ADA, messageIds: [telegramMessage(1)] });
    expect(await paths()).to.deep.equal(['inbox/file-2.txt']);
    await process.erase({ chat: ADA, messageIds: [telegramMessage(2)] });
    expect(await paths()).to.equal(undefined);
  });

  it('does not delay a /stop while attachments are fetched', async () => {
    const { world, begin, verdictOf } = stage();
    world.gateway.onFetch = () => new Promise(() => undefined);
    const process = begin();
    await process.receive(withFile(1, 'please read'));
    await settle();
    await process.receive(plain(2, '/stop'));
    await advance(world, 2_000, 500);
    expect([await verdictOf(1), await verdictOf(2)]).to.deep.equal(['answered', 'answered']);
    expect(world.gateway.sent.map(({ text }) => text)).to.deep.equal(['Stopped, as you asked. Nothing was changed.']);
  });

  it('redacts the words of attachments', async () => {
    const { begin, textOf, world } = stage();
    const process = begin();
    await process.receive(buildMessage({ text: 'a file', attachments: [file(1, `${SECRET}.txt`)] }));
    await settle();
    expect(await textOf(1)).to.equal(`a file\n[saved as inbox/${redact(SECRET)}.txt]`);
    const [stored] = (await world.storage.stores.messages.files(ADA, [telegramMessage(1)])).get(telegramMessage(1)) ?? [];
    expect(stored).to.have.property('words');
    expect(stored).to.not.have.property('path');
  });
});
