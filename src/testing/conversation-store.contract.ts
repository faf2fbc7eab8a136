import { strict as assert } from 'node:assert';
import { type ConversationEntry, chatId, messageId, NO_USAGE, turnId } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { buildEntry, buildTurn, START } from './builders.ts';
import type { Contract } from './contract.ts';

const chat = chatId(501);
const textOf = ({ step }: ConversationEntry) => (step.role === 'tool' ? step.output : step.text);

/** The law of `ConversationStore`. */
export const conversationStoreContract: Contract<Storage> = {
  'entries of every role come back as they were appended': async ({ stores: { conversations } }) => {
    const call = { id: 'call-1', tool: 'read_file', input: { path: 'docs/été.md', lines: [1, 2], deep: { none: null } } };
    const entries: ConversationEntry[] = [
      buildEntry('Read it', { step: { role: 'person', name: 'Ada', text: 'Read it', messageId: messageId(9) } }),
      { chatId: chat, at: START + 1, turnId: turnId('t1'), step: { role: 'agent', text: '', toolCalls: [call] } },
      {
        chatId: chat,
        at: START + 2,
        turnId: turnId('t1'),
        step: { role: 'tool', callId: 'call-1', tool: 'read_file', output: 'no such file', isError: true },
      },
    ];
    await conversations.append(entries);
    assert.deepEqual(await conversations.recent(chat, 10), entries);
  },

  'recent entries are the newest ones, oldest of them first': async ({ stores: { conversations } }) => {
    await conversations.append(['a', 'b', 'c'].map((text) => buildEntry(text)));
    await conversations.append(['d', 'e'].map((text) => buildEntry(text)));
    assert.deepEqual((await conversations.recent(chat, 3)).map(textOf), ['c', 'd', 'e']);
    assert.deepEqual((await conversations.recent(chat, 100)).map(textOf), ['a', 'b', 'c', 'd', 'e']);
    assert.deepEqual(await conversations.recent(chatId(999), 10), []);
  },

  'order is that of appending, not of time': async ({ stores: { conversations } }) => {
    await conversations.append([buildEntry('first', { at: START + 50 }), buildEntry('second', { at: START }), buildEntry('third')]);
    assert.deepEqual((await conversations.recent(chat, 10)).map(textOf), ['first', 'second', 'third']);
  },

  'chats are kept apart, even when one append holds several': async ({ stores: { conversations } }) => {
    const other = { chatId: chatId(502) };
    await conversations.append([buildEntry('a'), buildEntry('x', other), buildEntry('b'), buildEntry('y', other)]);
    assert.deepEqual((await conversations.recent(chat, 10)).map(textOf), ['a', 'b']);
    assert.deepEqual((await conversations.recent(chatId(502), 10)).map(textOf), ['x', 'y']);
  },

  'an empty append changes nothing': async ({ stores: { conversations } }) => {
    await conversations.append([]);
    assert.deepEqual(await conversations.recent(chat, 10), []);
  },

  '20 parallel appends lose nothing, and each keeps its own order': async ({ stores: { conversations } }) => {
    const appends = Array.from({ length: 20 }, (_, i) => [0, 1, 2].map((j) => `${i}.${j}`));
    await Promise.all(appends.map((texts) => conversations.append(texts.map((text) => buildEntry(text)))));
    const stored = (await conversations.recent(chat, 1_000)).map(textOf);
    assert.equal(stored.length, 60);
    for (const texts of appends)
      assert.deepEqual(
        stored.filter((text) => texts.includes(text)),
        texts,
      );
  },
};

/** The law of `TurnStore`. */
export const turnStoreContract: Contract<Storage> = {
  'a turn comes back as it was added': async ({ stores: { turns } }) => {
    const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 };
    const { model: _, ...unanswered } = buildTurn({ id: turnId('t-2'), outcome: 'failed', usage: NO_USAGE });
    for (const turn of [buildTurn({ usage, toolCalls: 3, outcome: 'promised' }), unanswered]) {
      await turns.add(turn);
      assert.deepEqual(await turns.get(turn.id), turn);
    }
  },

  'an unknown turn is undefined': async ({ stores: { turns } }) => {
    await turns.add(buildTurn());
    assert.equal(await turns.get(turnId('t2')), undefined);
  },
};
