import { strict as assert } from 'node:assert';
import { chatId, messageId, turnId, type Verdict } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { buildRecord, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { countWinners, portFailure } from './port-failure.ts';
import { wider } from './wider.ts';

const chat = chatId(501);
const ids = (...raw: number[]) => raw.map((id) => messageId(id));
const answered: Verdict = { kind: 'answered', turnId: turnId('t1') };

/** The law of `MessageStore`. */
export const messageStoreContract: Contract<Storage> = {
  'a record comes back as it was added': async ({ stores: { messages } }) => {
    const plain = buildRecord({ text: 'Où est la gare ? 🚂\n' });
    const full = buildRecord(
      {
        ...{ chatId: chatId(-1_001_234_567_890), chatKind: 'group', messageId: messageId(7), addressedTo: 'us', editedAt: START + 3 },
        ...{ replyTo: messageId(3), replied: { messageId: messageId(3), from: 'Bob', isOurs: true, text: 'gare', quote: 'g' } },
      },
      { verdict: { kind: 'failed', turnId: turnId('t9'), reason: 'no model answered' } },
    );
    const { response: _, ...denied } = buildRecord({ messageId: messageId(2), sender: { id: plain.message.sender.id, kind: 'bot' } });
    const refused = {
      ...denied,
      access: { allowed: false, rule: 'not-whitelisted', path: 'dm_whitelist' },
      verdict: { kind: 'denied' },
    } as const;
    for (const record of [plain, full, refused]) assert.equal(await messages.add(record), true);
    for (const record of [plain, full, refused])
      assert.deepEqual(await messages.get(record.message.chatId, record.message.messageId), record);
  },

  'what is stored of a record is the record: nothing that its objects hold beside': async ({ stores: { messages } }) => {
    const record = buildRecord({}, { verdict: answered });
    const { message, access, response } = record;
    const parts = { message: wider({ ...message, sender: wider(message.sender) }), access: wider(access), verdict: wider(answered) };
    await messages.add(wider({ ...record, ...parts, ...(response ? { response: wider(response) } : {}) }));
    assert.deepEqual(await messages.get(chat, messageId(1)), record);
  },

  'tells who sent messages, of those that are there': async ({ stores: { messages } }) => {
    const { sender } = buildRecord().message;
    await messages.add(buildRecord());
    await messages.add(buildRecord({ messageId: messageId(2), sender: { id: sender.id, kind: 'bot' } }));
    await messages.add(buildRecord({ chatId: chatId(502), messageId: messageId(3) }));
    const senders = await messages.senders(chat, ids(1, 2, 3, 4));
    assert.deepEqual(
      [...senders].toSorted(([a], [b]) => a - b),
      [
        [messageId(1), sender],
        [messageId(2), { id: sender.id, kind: 'bot' }],
      ],
    );
    assert.equal((await messages.senders(chat, [])).size, 0);
  },

  'denied messages are purged once they are old, or too many, the oldest first, and no other message is': async ({
    stores: { messages },
  }) => {
    const { response: _, ...plain } = buildRecord();
    const denied = (n: number) => ({
      ...{ ...plain, message: { ...plain.message, messageId: messageId(n) }, receivedAt: START + n },
      ...({ access: { allowed: false, rule: 'not-whitelisted', path: 'dm_whitelist' }, verdict: { kind: 'denied' } } as const),
    });
    for (let n = 1; n <= 8; n++) await messages.add(denied(n));
    await messages.add(buildRecord({ messageId: messageId(20) }, { receivedAt: START, verdict: answered }));
    await messages.add(buildRecord({ messageId: messageId(21) }, { receivedAt: START }));
    const left = async () => {
      const found = await Promise.all(ids(1, 2, 3, 4, 5, 6, 7, 8, 20, 21).map((id) => messages.get(chat, id)));
      return found.flatMap((record) => (record ? [Number(record.message.messageId)] : []));
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

  'an unknown message is undefined': async ({ stores: { messages } }) => {
    await messages.add(buildRecord());
    assert.equal(await messages.get(chat, messageId(2)), undefined);
    assert.equal(await messages.get(chatId(502), messageId(1)), undefined);
  },

  'a message is added once: the second add resolves to false and changes nothing': async ({ stores: { messages } }) => {
    const first = buildRecord();
    assert.equal(await messages.add(first), true);
    assert.equal(await messages.add(buildRecord({ text: 'edited' }, { verdict: { kind: 'remembered' } })), false);
    assert.deepEqual(await messages.get(chat, messageId(1)), first);
  },

  'one of 30 parallel adds of one message wins': async ({ stores: { messages } }) => {
    const added = await Promise.all(Array.from({ length: 30 }, (_, i) => messages.add(buildRecord({ text: `copy ${i}` }))));
    const winner = added.indexOf(true);
    assert.equal(added.filter(Boolean).length, 1);
    assert.equal((await messages.get(chat, messageId(1)))?.message.text, `copy ${winner}`);
  },

  'the same number in another chat is another message': async ({ stores: { messages } }) => {
    assert.equal(await messages.add(buildRecord()), true);
    assert.equal(await messages.add(buildRecord({ chatId: chatId(502) })), true);
  },

  'open messages are those without a verdict, lowest id first, up to the limit': async ({ stores: { messages } }) => {
    for (const id of ids(30, 4, 200, 11)) await messages.add(buildRecord({ messageId: id }));
    await messages.add(buildRecord({ messageId: messageId(1) }, { verdict: { kind: 'remembered' } }));
    await messages.add(buildRecord({ chatId: chatId(502), messageId: messageId(2) }));
    const open = async (limit: number) => (await messages.open(chat, limit)).map(({ message }) => message.messageId);
    assert.deepEqual(await open(10), ids(4, 11, 30, 200));
    assert.deepEqual(await open(2), ids(4, 11));
    assert.deepEqual(await messages.open(chatId(999), 10), []);
  },

  'chats with open messages come longest waiting first': async ({ stores: { messages } }) => {
    const add = (chat: number, id: number, waitedMs: number, verdict?: Verdict) =>
      messages.add(
        buildRecord({ chatId: chatId(chat), messageId: messageId(id) }, { receivedAt: START - waitedMs, ...(verdict ? { verdict } : {}) }),
      );
    await add(501, 1, 100);
    await add(502, 1, 300);
    await add(502, 2, 1);
    await add(503, 1, 200);
    await add(504, 1, 900, { kind: 'ignored' });
    assert.deepEqual(await messages.chatsWithOpen(), [502, 503, 501].map(chatId));
    await messages.settle(chatId(502), ids(1), answered);
    assert.deepEqual(await messages.chatsWithOpen(), [503, 501, 502].map(chatId));
  },

  'settling gives every named message the verdict, and no other': async ({ stores: { messages } }) => {
    for (const id of ids(1, 2, 3)) await messages.add(buildRecord({ messageId: id }));
    await messages.add(buildRecord({ chatId: chatId(502) }));
    const failed: Verdict = { kind: 'failed', turnId: turnId('t2'), reason: 'it took too long' };
    await messages.settle(chat, ids(1, 3), answered);
    await messages.settle(chat, ids(2), failed);
    assert.deepEqual(await messages.get(chat, messageId(1)), { ...buildRecord(), verdict: answered });
    assert.deepEqual((await messages.get(chat, messageId(2)))?.verdict, failed);
    assert.deepEqual((await messages.get(chat, messageId(3)))?.verdict, answered);
    assert.equal((await messages.get(chatId(502), messageId(1)))?.verdict, undefined);
    assert.deepEqual(await messages.open(chat, 10), []);
  },

  'a verdict stands: settling again is refused as concurrency': async ({ stores: { messages } }) => {
    await messages.add(buildRecord());
    await messages.settle(chat, ids(1), answered);
    await assert.rejects(messages.settle(chat, ids(1), { kind: 'answered', turnId: turnId('t2') }), portFailure('concurrency'));
    assert.deepEqual((await messages.get(chat, messageId(1)))?.verdict, answered);
  },

  'settling is all or none: one settled or missing message refuses them all': async ({ stores: { messages } }) => {
    for (const id of ids(1, 2, 3)) await messages.add(buildRecord({ messageId: id }));
    await messages.settle(chat, ids(2), { kind: 'remembered' });
    await assert.rejects(messages.settle(chat, ids(1, 2, 3), answered), portFailure('concurrency'));
    await assert.rejects(messages.settle(chat, ids(1, 3, 4), answered), portFailure('concurrency'));
    assert.deepEqual(
      (await messages.open(chat, 10)).map(({ message }) => message.messageId),
      ids(1, 3),
    );
  },

  'one of 20 parallel settlements wins': async ({ stores: { messages } }) => {
    for (const id of ids(1, 2)) await messages.add(buildRecord({ messageId: id }));
    const settlements = Array.from({ length: 20 }, (_, i) =>
      messages.settle(chat, ids(1, 2), { kind: 'answered', turnId: turnId(`t${i}`) }),
    );
    assert.equal(await countWinners(settlements), 1);
    const [one, two] = await Promise.all(ids(1, 2).map((id) => messages.get(chat, id)));
    assert.ok(one?.verdict);
    assert.deepEqual(one.verdict, two?.verdict);
  },

  'revising replaces the text of an open message, and nothing else': async ({ stores: { messages } }) => {
    for (const id of ids(1, 2)) await messages.add(buildRecord({ messageId: id }));
    assert.equal(await messages.revise(chat, messageId(1), 'And back? 🚂'), true);
    assert.deepEqual(await messages.get(chat, messageId(1)), buildRecord({ text: 'And back? 🚂' }));
    assert.deepEqual(await messages.get(chat, messageId(2)), buildRecord({ messageId: messageId(2) }));
  },

  'a message that has a verdict, or is missing, is not revised': async ({ stores: { messages } }) => {
    await messages.add(buildRecord());
    await messages.settle(chat, ids(1), answered);
    assert.equal(await messages.revise(chat, messageId(1), 'And back?'), false);
    assert.equal(await messages.revise(chat, messageId(2), 'And back?'), false);
    assert.deepEqual(await messages.get(chat, messageId(1)), { ...buildRecord(), verdict: answered });
    assert.equal(await messages.get(chat, messageId(2)), undefined);
  },

  'messages are counted by verdict, with 0 where there is none': async ({ stores: { messages } }) => {
    const none = { open: 0, denied: 0, ignored: 0, remembered: 0, answered: 0, failed: 0 };
    assert.deepEqual(await messages.stats(), none);
    for (const id of ids(1, 2, 3)) await messages.add(buildRecord({ messageId: id }));
    await messages.add(buildRecord({ messageId: messageId(4) }, { verdict: { kind: 'denied' } }));
    await messages.settle(chat, ids(2), answered);
    assert.deepEqual(await messages.stats(), { ...none, open: 2, denied: 1, answered: 1 });
  },

  'what the caller changes afterwards is not what is stored': async ({ stores: { messages } }) => {
    const record = buildRecord();
    await messages.add(record);
    Reflect.set(record.message, 'text', 'changed after the add');
    const read = await messages.get(chat, messageId(1));
    Reflect.set(read?.message ?? {}, 'text', 'changed after the read');
    assert.deepEqual(await messages.get(chat, messageId(1)), buildRecord());
  },
};
