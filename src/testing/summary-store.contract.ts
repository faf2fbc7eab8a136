import { strict as assert } from 'node:assert';
import type { ChatId, ConversationEntry, Summary } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { buildEntry, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramMessage } from './ids.ts';
import { wider } from './wider.ts';

const chat = telegramChat(501);
const other = telegramChat(502);
const said = (id: number, repliesTo?: number): ConversationEntry['step'] => ({
  role: 'person',
  name: 'Ada',
  text: `text ${id}`,
  messageId: telegramMessage(id),
  ...(repliesTo === undefined ? {} : { replied: { messageId: telegramMessage(repliesTo), text: 'quoted' } }),
});
const summary = (upTo: number, overrides: Partial<Summary> = {}): Summary => ({
  chatId: chat,
  text: 'Ada asked \0 for “tickets” 🎫',
  upTo,
  at: START,
  model: 'scripted/one',
  ...overrides,
});

/** Four messages in the chat, the last of which replies to the second; a summary covers the first three. */
const covered = async ({ stores: { conversations, summaries } }: Storage): Promise<readonly number[]> => {
  await conversations.append([said(1), said(2), said(3), said(4, 2)].map((step) => buildEntry('', { step })));
  const places = (await conversations.after(chat, 0, 10)).map(({ place }) => place);
  await summaries.put(summary(places[2] ?? 0, { text: 'three' }), undefined);
  await summaries.put(summary(places[2] ?? 0, { chatId: other, text: 'elsewhere' }), undefined);
  return places;
};
const textIn = async ({ stores: { summaries } }: Storage, of: ChatId = chat) => (await summaries.get(of))?.text;

/** The law of `SummaryStore`, and what other stores do to summaries. */
export const summaryStoreContract: Contract<Storage> = {
  'keeps one summary a chat: each takes the place of the one that it extends': async ({ stores: { summaries } }) => {
    assert.equal(await summaries.get(chat), undefined);
    const [first, second] = [summary(3, { text: 'first' }), summary(7, { text: 'second' })];
    assert.equal(await summaries.put(wider(first), undefined), true);
    assert.equal(await summaries.put(second, first), true);
    assert.equal(await summaries.put(summary(5, { chatId: other, text: 'elsewhere' }), undefined), true);
    assert.deepEqual(await summaries.get(chat), second);
    assert.deepEqual(await summaries.get(other), summary(5, { chatId: other, text: 'elsewhere' }));
  },

  'stores no summary over another one than it extends': async ({ stores: { summaries } }) => {
    const first = summary(3, { text: 'first' });
    assert.equal(await summaries.put(summary(7), first), false);
    assert.equal(await summaries.get(chat), undefined);
    await summaries.put(first, undefined);
    for (const over of [undefined, summary(2), summary(3, { at: START + 1 })]) assert.equal(await summaries.put(summary(7), over), false);
    assert.deepEqual(await summaries.get(chat), first);
  },

  'takes any text': async ({ stores: { summaries } }) => {
    await summaries.put(summary(1), undefined);
    assert.match((await summaries.get(chat))?.text ?? '', /^Ada asked . for “tickets” 🎫$/su);
  },

  'undoes the summary of a unit of work that rejects': async (storage) => {
    const run = storage.unitOfWork.run(async ({ summaries }) => {
      await summaries.put(summary(3), undefined);
      assert.equal((await summaries.get(chat))?.upTo, 3);
      throw new RangeError('no');
    });
    await assert.rejects(run, RangeError);
    assert.equal(await storage.stores.summaries.get(chat), undefined);
  },

  'lists the newest entries behind a place, each with its own': async ({ stores: { conversations } }) => {
    await conversations.append(['a', 'b', 'c', 'd'].map((text) => buildEntry(text)));
    const all = await conversations.after(chat, 0, 10);
    assert.deepEqual(
      all.map(({ entry }) => entry),
      await conversations.recent(chat, 10),
    );
    const places = all.map(({ place }) => place);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.deepEqual(await conversations.after(chat, places[0] ?? 0, 2), all.slice(2));
    assert.deepEqual(await conversations.after(chat, places[3] ?? 0, 10), []);
    await conversations.forget(chat);
    assert.deepEqual(await conversations.after(chat, 0, 10), []);
  },

  'drops the summary that covers a revised message, and no other': async (storage) => {
    await covered(storage);
    await storage.stores.conversations.revise(chat, telegramMessage(4), 'later');
    assert.equal(await textIn(storage), 'three');
    await storage.stores.conversations.revise(chat, telegramMessage(3), 'now');
    assert.deepEqual([await textIn(storage), await textIn(storage, other)], [undefined, 'elsewhere']);
  },

  'drops the summary that covers an erased message, and no other': async (storage) => {
    await covered(storage);
    await storage.stores.conversations.erase(chat, [telegramMessage(4)]);
    assert.equal(await textIn(storage), 'three');
    await storage.stores.conversations.erase(chat, [telegramMessage(1)]);
    assert.deepEqual([await textIn(storage), await textIn(storage, other)], [undefined, 'elsewhere']);
  },

  'drops the summary that covers a reply to an erased message': async (storage) => {
    await storage.stores.conversations.append([buildEntry('', { step: said(5, 77) })]);
    const [first] = await storage.stores.conversations.after(chat, 0, 1);
    await storage.stores.summaries.put(summary(first?.place ?? 0), undefined);
    await storage.stores.conversations.erase(chat, [telegramMessage(77)]);
    assert.equal(await textIn(storage), undefined);
  },

  'drops the summary of a forgotten chat, and no other': async (storage) => {
    await covered(storage);
    await storage.stores.conversations.forget(chat);
    assert.deepEqual([await textIn(storage), await textIn(storage, other)], [undefined, 'elsewhere']);
  },

  'drops the summaries of a chat that moves, and of the one that it moves to': async (storage) => {
    await covered(storage);
    await storage.stores.chatMoves.add({ from: chat, to: other, at: START });
    assert.deepEqual([await textIn(storage), await textIn(storage, other)], [undefined, undefined]);
  },

  'stores no summary of what is erased at the same time': async (storage) => {
    const places = await covered(storage);
    for (let round = 0; round < 10; round++) {
      const step = said(100 + round);
      await storage.stores.conversations.append([buildEntry('', { step })]);
      const put = storage.unitOfWork.run(async ({ summaries, conversations }) => {
        const text = `knows ${round}`;
        await summaries.put(summary(Number.MAX_SAFE_INTEGER, { text }), await summaries.get(chat));
        const now = await conversations.after(chat, places[0] ?? 0, 100);
        if (!now.some(({ entry }) => entry.step.role === 'person' && entry.step.messageId === telegramMessage(100 + round)))
          throw new RangeError('erased');
      });
      const [ended] = await Promise.allSettled([put, storage.stores.conversations.erase(chat, [telegramMessage(100 + round)])]);
      const left = await textIn(storage);
      assert.notEqual(left, `knows ${round}`, `the put ${ended.status}`);
    }
  },
};
