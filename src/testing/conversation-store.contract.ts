import { strict as assert } from 'node:assert';
import { type ConversationEntry, NO_USAGE, type Turn, turnId } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { buildEntry, buildTurn, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { conversationSearchContract } from './conversation-search.contract.ts';
import { telegramChat, telegramMessage } from './ids.ts';
import { wider } from './wider.ts';

const chat = telegramChat(501);
const textOf = ({ step }: ConversationEntry) => (step.role === 'tool' ? step.output : step.text);

/** The law of `ConversationStore`. */
export const conversationStoreContract: Contract<Storage> = {
  ...conversationSearchContract,

  'returns entries of every role as they were appended': async ({ stores: { conversations } }) => {
    const call = { id: 'call-1', tool: 'read_file', input: { path: 'docs/été.md', lines: [1, 2], deep: { none: null } } };
    const entries: ConversationEntry[] = [
      buildEntry('It rains', { step: { role: 'person', name: 'Grace', text: 'It rains', overheard: true } }),
      buildEntry('Read it', { step: { role: 'person', name: 'Ada', text: 'Read it', messageId: telegramMessage(9) } }),
      buildEntry('This?', {
        step: {
          role: 'person',
          name: 'Ada',
          text: 'This?',
          messageId: telegramMessage(10),
          replied: { messageId: telegramMessage(9), quote: 'it' },
        },
      }),
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

  'stores the fields of a step, and nothing that its objects hold beside': async ({ stores: { conversations } }) => {
    const call = { id: 'call-1', tool: 'read_file', input: { path: 'a' } };
    const agent = { role: 'agent', text: '', toolCalls: [call] } as const;
    const entries: ConversationEntry[] = [buildEntry('Read it'), buildEntry('', { step: agent })];
    await conversations.append([
      ...entries.slice(0, 1).map((entry) => wider({ ...entry, step: wider(entry.step) })),
      wider(buildEntry('', { step: wider({ ...agent, toolCalls: [wider(call)] }) })),
    ]);
    assert.deepEqual(await conversations.recent(chat, 10), entries);
  },

  'replaces the words of a revised message, in its chat only, also where a reply quotes them': async ({ stores: { conversations } }) => {
    const said = (id: number, text: string, repliedText?: string): ConversationEntry['step'] => ({
      role: 'person',
      name: 'Ada',
      text,
      messageId: telegramMessage(id),
      ...(repliedText === undefined ? {} : { replied: { messageId: telegramMessage(1), from: 'Ada', text: repliedText } }),
    });
    const elsewhere = buildEntry('', { chatId: telegramChat(502), step: said(1, 'at five') });
    await conversations.append([said(1, 'at five'), said(2, 'why?', 'at five'), said(3, 'hm')].map((step) => buildEntry('', { step })));
    await conversations.append([elsewhere]);
    await conversations.revise(chat, telegramMessage(1), 'at six');
    assert.deepEqual(
      (await conversations.recent(chat, 10)).map(({ step }) => step),
      [said(1, 'at six'), said(2, 'why?', 'at six'), said(3, 'hm')],
    );
    assert.deepEqual(await conversations.recent(elsewhere.chatId, 10), [elsewhere]);
  },

  'keeps nothing of erased messages, not even in replies to them': async ({ stores: { conversations } }) => {
    const said = (id: number, replyTo?: number): ConversationEntry['step'] => ({
      role: 'person',
      name: 'Ada',
      text: `text ${id}`,
      messageId: telegramMessage(id),
      ...(replyTo === undefined ? {} : { replied: { messageId: telegramMessage(replyTo), from: 'Ada', text: 'secret', quote: 'secret' } }),
    });
    const answer = { role: 'agent', text: 'Yes.', toolCalls: [] } as const;
    const steps = [said(1), answer, said(2, 1), said(3, 2), said(4, 7)];
    await conversations.append(steps.map((step) => buildEntry('', { step })));
    await conversations.append([buildEntry('', { chatId: telegramChat(502), step: said(1, 2) })]);
    const left = async () => (await conversations.recent(chat, 10)).map(({ step }) => step);
    assert.deepEqual(
      await conversations.chatsAbout([telegramMessage(1), telegramMessage(2)]),
      [501, 502].map((n) => telegramChat(n)),
    );
    assert.deepEqual(await conversations.chatsAbout([telegramMessage(7)]), [chat]);
    assert.deepEqual(await conversations.chatsAbout([telegramMessage(8)]), []);
    await conversations.erase(chat, [telegramMessage(1), telegramMessage(2)]);
    const without = { ...said(3), replied: { messageId: telegramMessage(2), from: 'Ada' } };
    assert.deepEqual(await left(), [answer, without, said(4, 7)]);
    assert.equal((await conversations.recent(telegramChat(502), 10)).length, 1);
  },

  'lists the newest entries, the oldest of them first': async ({ stores: { conversations } }) => {
    await conversations.append(['a', 'b', 'c'].map((text) => buildEntry(text)));
    await conversations.append(['d', 'e'].map((text) => buildEntry(text)));
    assert.deepEqual((await conversations.recent(chat, 3)).map(textOf), ['c', 'd', 'e']);
    assert.deepEqual((await conversations.recent(chat, 100)).map(textOf), ['a', 'b', 'c', 'd', 'e']);
    assert.deepEqual(await conversations.recent(telegramChat(999), 10), []);
  },

  'orders entries by appending, not by time': async ({ stores: { conversations } }) => {
    await conversations.append([buildEntry('first', { at: START + 50 }), buildEntry('second', { at: START }), buildEntry('third')]);
    assert.deepEqual((await conversations.recent(chat, 10)).map(textOf), ['first', 'second', 'third']);
  },

  'keeps chats apart, even if one append holds several': async ({ stores: { conversations } }) => {
    const other = { chatId: telegramChat(502) };
    await conversations.append([buildEntry('a'), buildEntry('x', other), buildEntry('b'), buildEntry('y', other)]);
    assert.deepEqual((await conversations.recent(chat, 10)).map(textOf), ['a', 'b']);
    assert.deepEqual((await conversations.recent(telegramChat(502), 10)).map(textOf), ['x', 'y']);
  },

  'begins a forgotten conversation again, and leaves the others alone': async ({ stores: { conversations } }) => {
    const other = { chatId: telegramChat(502) };
    await conversations.append([buildEntry('a'), buildEntry('x', other), buildEntry('b')]);
    await conversations.forget(chat);
    assert.deepEqual(await conversations.recent(chat, 10), []);
    await conversations.append([buildEntry('c'), buildEntry('y', other), buildEntry('d')]);
    assert.deepEqual((await conversations.recent(chat, 10)).map(textOf), ['c', 'd']);
    assert.deepEqual((await conversations.recent(telegramChat(502), 10)).map(textOf), ['x', 'y']);
    await conversations.forget(chat);
    await conversations.forget(telegramChat(503));
    await conversations.append([buildEntry('e'), buildEntry('z', { chatId: telegramChat(503) })]);
    assert.deepEqual((await conversations.recent(chat, 10)).map(textOf), ['e']);
    assert.deepEqual((await conversations.recent(telegramChat(503), 10)).map(textOf), ['z']);
  },

  'undoes the forgetting of a unit of work that rejects': async ({ stores, unitOfWork }) => {
    await stores.conversations.append([buildEntry('a')]);
    const run = unitOfWork.run(async ({ conversations }) => {
      await conversations.forget(chat);
      assert.deepEqual(await conversations.recent(chat, 10), []);
      throw new RangeError('no');
    });
    await assert.rejects(run, RangeError);
    assert.deepEqual((await stores.conversations.recent(chat, 10)).map(textOf), ['a']);
  },

  'changes nothing with an empty append': async ({ stores: { conversations } }) => {
    await conversations.append([]);
    assert.deepEqual(await conversations.recent(chat, 10), []);
  },

  'loses nothing in 20 parallel appends, and keeps the order of each': async ({ stores: { conversations } }) => {
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
  'returns a turn as it was added': async ({ stores: { turns } }) => {
    const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 };
    const { model: _, ...unanswered } = buildTurn({ id: turnId('t-2'), outcome: 'failed', usage: NO_USAGE });
    for (const turn of [buildTurn({ usage, toolCalls: 3, outcome: 'promised', gate: 'sent-back' }), unanswered]) {
      await turns.add(turn);
      assert.deepEqual(await turns.get(turn.id), turn);
    }
  },

  'records a turn once': async ({ stores: { turns }, unitOfWork }) => {
    await turns.add(buildTurn());
    await turns.add(buildTurn({ agent: 'another' }));
    await unitOfWork.run((unit) => unit.turns.add(buildTurn({ agent: 'another' })));
    assert.deepEqual(await turns.get(buildTurn().id), buildTurn());
  },

  "sums the usage of a chat's turns since a time": async ({ stores: { turns } }) => {
    const usage = { inputTokens: 1, outputTokens: 20, cacheReadTokens: 300, cacheWriteTokens: 4_000 };
    const add = (id: string, endedAt: number, chat = 501, outcome: Turn['outcome'] = 'stopped') =>
      turns.add(buildTurn({ id: turnId(id), chatId: telegramChat(chat), endedAt, usage, outcome }));
    assert.deepEqual(await turns.usage(chat, 0), { ...NO_USAGE, turns: 0, attempts: 0 });
    await add('a', START - 1);
    await add('b', START);
    await add('c', START + 1);
    await add('d', START, 502);
    const twice = { inputTokens: 2, outputTokens: 40, cacheReadTokens: 600, cacheWriteTokens: 8_000, turns: 2, attempts: 0 };
    assert.deepEqual(await turns.usage(chat, START), twice);
    assert.equal((await turns.usage(chat, 0)).turns, 3);
    assert.equal((await turns.usage(telegramChat(502), 0)).outputTokens, 20);
    await add('promise-1-1', START, 502, 'attempt');
    const both = { inputTokens: 2, outputTokens: 40, cacheReadTokens: 600, cacheWriteTokens: 8_000, turns: 1, attempts: 1 };
    assert.deepEqual(await turns.usage(telegramChat(502), 0), both);
  },

  'stores the fields of a turn, and nothing that its objects hold beside': async ({ stores: { turns } }) => {
    const turn = buildTurn();
    await turns.add(wider({ ...turn, usage: wider(turn.usage) }));
    assert.deepEqual(await turns.get(turn.id), turn);
  },

  'returns undefined for an unknown turn': async ({ stores: { turns } }) => {
    await turns.add(buildTurn());
    assert.equal(await turns.get(turnId('t2')), undefined);
  },
};
