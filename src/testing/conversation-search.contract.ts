import { strict as assert } from 'node:assert';
import { type ChatId, type ConversationEntry, wordQuery } from '../domain/index.ts';
import type { ConversationStore, Storage } from '../ports/index.ts';
import { buildEntry, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramMessage } from './ids.ts';

const chat = telegramChat(501);
const textOf = ({ step }: ConversationEntry): string => (step.role === 'tool' ? step.output : step.text);
const found = async (conversations: ConversationStore, text: string, chatId: ChatId = chat): Promise<readonly string[]> =>
  (await conversations.search(chatId, wordQuery(text), 50)).map(textOf);
const message = (text: string, id: number, chatId: ChatId = chat): ConversationEntry =>
  buildEntry('', { chatId, step: { role: 'person', name: 'Ada', text, messageId: telegramMessage(id) } });

/** Texts, and what finds each of them and nothing else. */
const FOUND: readonly (readonly [text: string, ...queries: string[]])[] = [
  ['The train leaves at 9:41.', 'train', 'TRAIN leaves', 'trai', 'leaves train', '"at 9"', '9:41', '"the train"'],
  ['Überraschung für Zoë in der Straße', 'uberraschung', 'ÜBERRASCHUNG', 'zoe strasse', 'Straße', '"fur zoe"'],
  ['Поезд ещё стоит в Мытищах', 'поезд', 'ЕЩЕ', 'мытищ', '"стоит в"'],
  ['東京都の天気は晴れです', '京都', '東', '天気', '"東京"', '晴れ 東京'],
  ['오늘 기차가 늦어요', '기차', '늦어'],
  ['कल बारिश होगी', 'बारिश'],
  ['see https://kept.example/docs/a-b?x=1', 'kept.example', 'https://kept.example/docs', 'a-b'],
  ['AI or not: NEAR(x, y) AND words: "z" *', 'ai', 'near(x', 'AND z', 'words:', '"NEAR x"'],
  ["it's O'Brien's \\ cat | dog & ! <-> :*", "o'brien", "it's", '| dog', '!cat', 'dog & cat'],
  ['ﬁnal ½ ① Ｆｕｌｌ width', 'final', 'full'],
];
/** What finds none of them: other orders and parts of words, signs alone, words of tools and quotes. */
const NOT_FOUND = [
  'rain',
  '"train the"',
  '"trai"',
  'at5',
  'su',
  '都東',
  '',
  ' ',
  '"',
  '()',
  '*',
  ':*',
  "'",
  '\\',
  '!!',
  '🚂',
  'train OR',
  '\0',
];

/** The law of `ConversationStore.search`. */
export const conversationSearchContract: Contract<Storage> = {
  'finds words, beginnings and phrases in any script, case and accents aside': async ({ stores: { conversations } }) => {
    await conversations.append(FOUND.map(([text], at) => message(text, at + 1)));
    for (const [text, ...queries] of FOUND)
      for (const query of queries) assert.deepEqual(await found(conversations, query), [text], `${query} finds ${text}`);
    for (const query of NOT_FOUND) assert.deepEqual(await found(conversations, query), [], `${JSON.stringify(query)} finds nothing`);
  },

  'returns whole entries, newest first, at most as many as asked for': async ({ stores: { conversations } }) => {
    const said = [1, 2, 3].map((n) => message(`train ${n}`, n));
    const answer = buildEntry('', { at: START + 9, step: { role: 'agent', text: 'no train', toolCalls: [] } });
    await conversations.append([...said, message('a boat', 4), answer]);
    const all = [answer, ...said.toReversed()];
    assert.deepEqual(await conversations.search(chat, wordQuery('train'), 10), all);
    assert.deepEqual(await conversations.search(chat, wordQuery('train'), 2), all.slice(0, 2));
    assert.deepEqual(await conversations.search(chat, wordQuery('train'), 0), []);
  },

  'finds what people and the agent said in this chat, and nothing of tools, quotes, other chats and threads': async ({ stores }) => {
    const { conversations } = stores;
    const call = { id: 'c', tool: 'read_file', input: { path: 'secret' } };
    await conversations.append([
      buildEntry('', { step: { role: 'agent', text: '', toolCalls: [call] } }),
      buildEntry('', { step: { role: 'tool', callId: 'c', tool: 'read_file', output: 'secret', isError: false } }),
      buildEntry('', { step: { role: 'person', name: 'Secret', text: 'why?', replied: { from: 'Bob', text: 'a secret' } } }),
      buildEntry('secret elsewhere', { chatId: telegramChat(502) }),
      buildEntry('secret in a thread', { chatId: telegramChat(501, 7) }),
      buildEntry('overheard', { step: { role: 'person', name: 'Grace', text: 'no secret', overheard: true } }),
    ]);
    assert.deepEqual(await found(conversations, 'secret'), ['no secret']);
    assert.deepEqual(await found(conversations, 'secret', telegramChat(501, 7)), ['secret in a thread']);
    assert.deepEqual(await found(conversations, 'secret', telegramChat(50)), []);
  },

  'finds a revised message by its new words only, and an erased one not at all': async ({ stores: { conversations } }) => {
    await conversations.append([message('at five', 1), message('at five', 1, telegramChat(502)), message('at seven', 2)]);
    await conversations.revise(chat, telegramMessage(1), 'at six');
    assert.deepEqual([await found(conversations, 'five'), await found(conversations, 'six')], [[], ['at six']]);
    assert.deepEqual(await found(conversations, 'five', telegramChat(502)), ['at five']);
    await conversations.revise(chat, telegramMessage(2), '🚂');
    assert.deepEqual(await found(conversations, 'seven'), []);
    await conversations.revise(chat, telegramMessage(2), 'at eight');
    await conversations.erase(chat, [telegramMessage(1)]);
    assert.deepEqual([await found(conversations, 'six'), await found(conversations, 'at')], [[], ['at eight']]);
  },

  'finds what was said before a conversation was forgotten': async ({ stores: { conversations } }) => {
    await conversations.append([message('train one', 1)]);
    await conversations.forget(chat);
    await conversations.append([message('train two', 2)]);
    assert.deepEqual(await found(conversations, 'train'), ['train two', 'train one']);
  },

  'follows a chat that moves': async ({ stores: { conversations, chatMoves } }) => {
    const to = telegramChat(-1_001_234_567_890);
    await conversations.append([message('train one', 1), buildEntry('train there', { chatId: to })]);
    await chatMoves.add({ from: chat, to, at: START });
    assert.deepEqual(await found(conversations, 'train', to), ['train there', 'train one']);
    assert.deepEqual(await found(conversations, 'train'), []);
  },

  'sees the changes of its own unit of work, and forgets those of one that fails': async ({ stores, unitOfWork }) => {
    await stores.conversations.append([message('train one', 1)]);
    const run = unitOfWork.run(async ({ conversations }) => {
      await conversations.append([message('train two', 2)]);
      await conversations.erase(chat, [telegramMessage(1)]);
      assert.deepEqual(await found(conversations, 'train'), ['train two']);
      throw new Error('undone');
    });
    await assert.rejects(run, /undone/);
    assert.deepEqual(await found(stores.conversations, 'train'), ['train one']);
  },

  'stores and searches what is very long, repeated or hostile': async ({ stores: { conversations } }) => {
    const hostile = [
      'x'.repeat(100_000),
      '\ufdfa'.repeat(50_000),
      'a '.repeat(50_000),
      '東'.repeat(50_000),
      '\ud800 half \0 nul',
      "'; DROP --",
    ];
    await conversations.append(hostile.map((text, at) => message(text, at + 1)));
    for (const text of hostile) await conversations.search(chat, wordQuery(text), 5);
    assert.equal((await found(conversations, 'half nul')).length, 1);
    assert.equal((await found(conversations, 'x'.repeat(64))).length, 1);
    assert.equal((await found(conversations, '"a a a"')).length, 1);
  },
};
