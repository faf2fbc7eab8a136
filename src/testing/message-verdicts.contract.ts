import { strict as assert } from 'node:assert';
import { turnId, type Verdict } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { buildRecord, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { numberIn, telegramChat, telegramMessage } from './ids.ts';
import { countWinners, portFailure } from './port-failure.ts';

const chat = telegramChat(501);
const ids = (...raw: number[]) => raw.map((id) => telegramMessage(id));
const answered: Verdict = { kind: 'answered', turnId: turnId('t1') };

/** The law of `MessageStore`: verdicts. */
export const messageVerdictsContract: Contract<Storage> = {
  'purges denied messages that are old or too many, the oldest first, and no other message': async ({ stores: { messages } }) => {
    const { response: _, ...plain } = buildRecord();
    const denied = (n: number) => ({
      ...plain,
      message: { ...plain.message, messageId: telegramMessage(n) },
      receivedAt: START + n,
      ...({ access: { allowed: false, rule: 'not-whitelisted', path: 'dm_whitelist' }, verdict: { kind: 'denied' } } as const),
    });
    for (let n = 1; n <= 8; n++) await messages.add(denied(n));
    await messages.add(buildRecord({ messageId: telegramMessage(20) }, { receivedAt: START, verdict: answered }));
    await messages.add(buildRecord({ messageId: telegramMessage(21) }, { receivedAt: START }));
    const left = async () => {
      const found = await Promise.all(ids(1, 2, 3, 4, 5, 6, 7, 8, 20, 21).map((id) => messages.get(chat, id)));
      return found.flatMap((record) => (record ? [numberIn(record.message.messageId)] : []));
    };
    assert.equal(await messages.purgeDenied({ receivedBefore: START + 4, keep: 100, limit: 2 }), 2);
    assert.deepEqual(await left(), [3, 4, 5, 6, 7, 8, 20, 21]);
    assert.equal(await messages.purgeDenied({ receivedBefore: START + 4, keep: 100, limit: 100 }), 1);
    assert.equal(await messages.purgeDenied({ receivedBefore: START, keep: 3, limit: 100 }), 2);
    assert.deepEqual(await left(), [6, 7, 8, 20, 21]);
    assert.equal(await messages.purgeDenied({ receivedBefore: START, keep: 3, limit: 100 }), 0);
    assert.equal(await messages.add(denied(7)), false, 'what is kept is known again');
    assert.equal(await messages.add(denied(1)), true);
  },

  'lists open messages, which have no verdict, in the order in which they were added, up to the limit': async ({
    stores: { messages },
  }) => {
    for (const id of ids(30, 4, 200, 11)) await messages.add(buildRecord({ messageId: id }));
    await messages.add(buildRecord({ messageId: telegramMessage(1) }, { verdict: { kind: 'remembered' } }));
    await messages.add(buildRecord({ chatId: telegramChat(502), messageId: telegramMessage(2) }));
    const open = async (limit: number) => (await messages.open(chat, limit)).map(({ message }) => message.messageId);
    assert.deepEqual(await open(10), ids(30, 4, 200, 11));
    assert.deepEqual(await open(2), ids(30, 4));
    assert.deepEqual(await messages.open(telegramChat(999), 10), []);
  },

  'lists the messages that were added last, the last one first, by verdict and chat': async ({ stores: { messages } }) => {
    const add = (id: number, verdict?: Verdict, of = chat) =>
      messages.add(buildRecord({ chatId: of, messageId: telegramMessage(id) }, verdict ? { verdict } : {}));
    const other = telegramChat(502);
    await add(30, { kind: 'denied' });
    await add(4, answered);
    await add(200, { kind: 'failed', turnId: turnId('t2'), reason: 'no model answered' }, other);
    await add(11);
    await add(12, { kind: 'denied' }, other);
    const newest = async (query: Partial<Parameters<typeof messages.newest>[0]> = {}) =>
      (await messages.newest({ limit: 10, ...query })).map(({ message }) => numberIn(message.messageId));
    assert.deepEqual(await newest(), [12, 11, 200, 4, 30]);
    assert.deepEqual(await newest({ limit: 2 }), [12, 11]);
    assert.deepEqual(await newest({ verdicts: ['failed', 'denied'] }), [12, 200, 30]);
    assert.deepEqual(await newest({ verdicts: ['failed', 'denied'], limit: 2 }), [12, 200]);
    assert.deepEqual(await newest({ verdicts: ['open'] }), [11]);
    assert.deepEqual(await newest({ verdicts: [] }), []);
    assert.deepEqual(await newest({ chatId: other }), [12, 200]);
    assert.deepEqual(await newest({ chatId: other, verdicts: ['denied', 'answered'] }), [12]);
    const before = (id: number, of = chat) => ({ before: { chatId: of, messageId: telegramMessage(id) } });
    assert.deepEqual(await newest({ chatId: chat, ...before(4) }), [30]);
    assert.deepEqual(await newest({ chatId: chat, ...before(11), limit: 1 }), [4]);
    assert.deepEqual(await newest({ chatId: chat, ...before(999) }), []);
    assert.deepEqual(await newest(before(200, other)), [4, 30]);
    assert.deepEqual(await newest({ verdicts: ['failed', 'denied'], ...before(12, other) }), [200, 30]);
    const [failed] = await messages.newest({ verdicts: ['failed'], limit: 1 });
    assert.deepEqual(failed, await messages.get(other, telegramMessage(200)));
  },

  'lists every chat by its id, with the message that came last and the time of the last reply': async ({
    stores: { messages, outbox },
  }) => {
    assert.deepEqual(await messages.chats(10), []);
    const add = (of: number, id: number) => messages.add(buildRecord({ chatId: telegramChat(of), messageId: telegramMessage(id) }));
    for (const [of, id] of [
      [502, 9],
      [501, 30],
      [-100, 4],
      [501, 7],
    ] as const)
      await add(of, id);
    const reply = (at: number, n: number) =>
      outbox.add({ chatId: chat, text: 'Hi', answers: [], dedupeKey: `a${n}`, deliveryKey: `${n}`, createdAt: START + at });
    await reply(5, 1);
    await reply(7, 2);
    const listed = async (limit: number) =>
      (await messages.chats(limit)).map(({ last: { message }, repliedAt }) => [message.chat.id, numberIn(message.messageId), repliedAt]);
    assert.deepEqual(await listed(10), [
      [telegramChat(-100), 4, undefined],
      [chat, 7, START + 7],
      [telegramChat(502), 9, undefined],
    ]);
    assert.deepEqual((await listed(2)).length, 2);
    assert.deepEqual((await messages.chats(10))[1]?.last, await messages.get(chat, telegramMessage(7)));
  },

  'lists chats with open messages, the longest waiting first': async ({ stores: { messages } }) => {
    const add = (chat: number, id: number, waitedMs: number, verdict?: Verdict) =>
      messages.add(
        buildRecord(
          { chatId: telegramChat(chat), messageId: telegramMessage(id) },
          { receivedAt: START - waitedMs, ...(verdict ? { verdict } : {}) },
        ),
      );
    await add(501, 1, 100);
    await add(502, 1, 300);
    await add(502, 2, 1);
    await add(503, 1, 200);
    await add(504, 1, 900, { kind: 'ignored' });
    assert.deepEqual(
      await messages.chatsWithOpen(),
      [502, 503, 501].map((room) => telegramChat(room)),
    );
    await messages.settle(telegramChat(502), ids(1), answered);
    assert.deepEqual(
      await messages.chatsWithOpen(),
      [503, 501, 502].map((room) => telegramChat(room)),
    );
  },

  'settles every named message with the verdict, and no other': async ({ stores: { messages } }) => {
    for (const id of ids(1, 2, 3)) await messages.add(buildRecord({ messageId: id }));
    await messages.add(buildRecord({ chatId: telegramChat(502) }));
    const failed: Verdict = { kind: 'failed', turnId: turnId('t2'), reason: 'it took too long' };
    await messages.settle(chat, ids(1, 3), answered);
    await messages.settle(chat, ids(2), failed);
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), { ...buildRecord(), verdict: answered });
    assert.deepEqual((await messages.get(chat, telegramMessage(2)))?.verdict, failed);
    assert.deepEqual((await messages.get(chat, telegramMessage(3)))?.verdict, answered);
    assert.equal((await messages.get(telegramChat(502), telegramMessage(1)))?.verdict, undefined);
    assert.deepEqual(await messages.open(chat, 10), []);
  },

  'refuses a second verdict as concurrency': async ({ stores: { messages } }) => {
    await messages.add(buildRecord());
    await messages.settle(chat, ids(1), answered);
    await assert.rejects(messages.settle(chat, ids(1), { kind: 'answered', turnId: turnId('t2') }), portFailure('concurrency'));
    assert.deepEqual((await messages.get(chat, telegramMessage(1)))?.verdict, answered);
  },

  'settles all messages or none: one settled or missing message refuses all': async ({ stores: { messages } }) => {
    for (const id of ids(1, 2, 3)) await messages.add(buildRecord({ messageId: id }));
    await messages.settle(chat, ids(2), { kind: 'remembered' });
    await assert.rejects(messages.settle(chat, ids(1, 2, 3), answered), portFailure('concurrency'));
    await assert.rejects(messages.settle(chat, ids(1, 3, 4), answered), portFailure('concurrency'));
    assert.deepEqual(
      (await messages.open(chat, 10)).map(({ message }) => message.messageId),
      ids(1, 3),
    );
  },

  'lets one of 20 parallel settlements win': async ({ stores: { messages } }) => {
    for (const id of ids(1, 2)) await messages.add(buildRecord({ messageId: id }));
    const settlements = Array.from({ length: 20 }, (_, i) =>
      messages.settle(chat, ids(1, 2), { kind: 'answered', turnId: turnId(`t${i}`) }),
    );
    assert.equal(await countWinners(settlements), 1);
    const [one, two] = await Promise.all(ids(1, 2).map((id) => messages.get(chat, id)));
    assert.ok(one?.verdict);
    assert.deepEqual(one.verdict, two?.verdict);
  },

  'reopens messages that were remembered or ignored, and no others': async ({ stores: { messages } }) => {
    const decided = { response: { action: 'answer', rule: 'addressed-to-us' }, addressedTo: 'us' } as const;
    for (const [id, verdict] of [
      [1, { kind: 'remembered' }],
      [2, { kind: 'ignored' }],
      [3, { kind: 'denied' }],
      [4, answered],
    ] as const)
      await messages.add(buildRecord({ messageId: telegramMessage(id) }, { verdict }));
    await messages.add(buildRecord({ messageId: telegramMessage(5) }, { verdict: { kind: 'remembered' } }));
    await messages.erase(chat, telegramMessage(5), START);
    const reopened = await Promise.all(ids(1, 2, 3, 4, 5, 6).map((id) => messages.reopen(chat, id, decided)));
    assert.deepEqual(reopened, [true, true, false, false, false, false]);
    const open = await messages.open(chat, 10);
    assert.deepEqual(
      open.map(({ message: { messageId: id, addressedTo }, response }) => [id, addressedTo, response]),
      ids(1, 2).map((id) => [id, 'us', decided.response]),
    );
    assert.equal(await messages.reopen(chat, telegramMessage(1), decided), false, 'it waits already');
  },

  'counts messages by verdict, with 0 for a verdict without messages': async ({ stores: { messages } }) => {
    const none = { open: 0, denied: 0, ignored: 0, remembered: 0, answered: 0, failed: 0 };
    assert.deepEqual(await messages.stats(), none);
    for (const id of ids(1, 2, 3)) await messages.add(buildRecord({ messageId: id }));
    await messages.add(buildRecord({ messageId: telegramMessage(4) }, { verdict: { kind: 'denied' } }));
    await messages.settle(chat, ids(2), answered);
    assert.deepEqual(await messages.stats(), { ...none, open: 2, denied: 1, answered: 1 });
  },
};
