import { strict as assert } from 'node:assert';
import { type InboxMessage, turnId, type Verdict } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { buildRecord, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { numberIn, telegramChat, telegramMessage } from './ids.ts';
import { countWinners, portFailure } from './port-failure.ts';
import { wider } from './wider.ts';

const chat = telegramChat(501);
const ids = (...raw: number[]) => raw.map((id) => telegramMessage(id));
const answered: Verdict = { kind: 'answered', turnId: turnId('t1') };

/** The law of `MessageStore`. */
export const messageStoreContract: Contract<Storage> = {
  'a record comes back as it was added': async ({ stores: { messages } }) => {
    const plain = buildRecord({ text: 'Où est la gare ? 🚂\n' });
    const full = buildRecord(
      {
        chat: { id: telegramChat(-1_001_234_567_890), kind: 'group', title: 'Railway' },
        messageId: telegramMessage(7),
        addressedTo: 'us',
        editedAt: START + 3,
        replyTo: telegramMessage(3),
        replied: { messageId: telegramMessage(3), from: 'Bob', isOurs: true, text: 'gare', quote: 'g' },
      },
      { verdict: { kind: 'failed', turnId: turnId('t9'), reason: 'no model answered' } },
    );
    const { response: _, ...denied } = buildRecord({ messageId: telegramMessage(2), sender: { id: plain.message.sender.id, kind: 'bot' } });
    const refused = {
      ...denied,
      access: { allowed: false, rule: 'not-whitelisted', path: 'dm_whitelist' },
      verdict: { kind: 'denied' },
    } as const;
    for (const record of [plain, full, refused]) assert.equal(await messages.add(record), true);
    for (const record of [plain, full, refused])
      assert.deepEqual(await messages.get(record.message.chat.id, record.message.messageId), record);
  },

  'what a unit of work has read of a message, nobody else changes until it ends': async ({ stores: { messages }, unitOfWork }) => {
    const { message } = buildRecord();
    await messages.add(buildRecord());
    const isRead = Promise.withResolvers<void>();
    const revising = isRead.promise.then(() => messages.revise(chat, message.messageId, { text: 'other words', editedAt: START }));
    await unitOfWork.run(async (unit) => {
      const textNow = async () => (await unit.messages.get(chat, message.messageId))?.message.text;
      assert.equal(await textNow(), message.text);
      isRead.resolve();
      for (let read = 0; read < 20; read++) assert.equal(await textNow(), message.text);
    });
    assert.equal(await revising, true);
    assert.equal((await messages.get(chat, message.messageId))?.message.text, 'other words');
  },

  'what is stored of a record is the record: nothing that its objects hold beside': async ({ stores: { messages } }) => {
    const record = buildRecord({}, { verdict: answered });
    const { message, access, response } = record;
    const parts = { message: wider({ ...message, sender: wider(message.sender) }), access: wider(access), verdict: wider(answered) };
    await messages.add(wider({ ...record, ...parts, ...(response ? { response: wider(response) } : {}) }));
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), record);
  },

  'tells who sent messages, of those that are there': async ({ stores: { messages } }) => {
    const { sender } = buildRecord().message;
    await messages.add(buildRecord());
    await messages.add(buildRecord({ messageId: telegramMessage(2), sender: { id: sender.id, kind: 'bot' } }));
    await messages.add(buildRecord({ chatId: telegramChat(502), messageId: telegramMessage(3) }));
    const senders = await messages.senders(chat, ids(1, 2, 3, 4));
    assert.deepEqual(
      [...senders].toSorted(([a], [b]) => numberIn(a) - numberIn(b)),
      [
        [telegramMessage(1), sender],
        [telegramMessage(2), { id: sender.id, kind: 'bot' }],
      ],
    );
    assert.equal((await messages.senders(chat, [])).size, 0);
  },

  'denied messages are purged once they are old, or too many, the oldest first, and no other message is': async ({
    stores: { messages },
  }) => {
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

  'an unknown message is undefined': async ({ stores: { messages } }) => {
    await messages.add(buildRecord());
    assert.equal(await messages.get(chat, telegramMessage(2)), undefined);
    assert.equal(await messages.get(telegramChat(502), telegramMessage(1)), undefined);
  },

  'a message is added once: the second add resolves to false and changes nothing': async ({ stores: { messages } }) => {
    const first = buildRecord();
    assert.equal(await messages.add(first), true);
    assert.equal(await messages.add(buildRecord({ text: 'edited' }, { verdict: { kind: 'remembered' } })), false);
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), first);
  },

  'one of 30 parallel adds of one message wins': async ({ stores: { messages } }) => {
    const added = await Promise.all(Array.from({ length: 30 }, (_, i) => messages.add(buildRecord({ text: `copy ${i}` }))));
    const winner = added.indexOf(true);
    assert.equal(added.filter(Boolean).length, 1);
    assert.equal((await messages.get(chat, telegramMessage(1)))?.message.text, `copy ${winner}`);
  },

  'the same number in another chat is another message': async ({ stores: { messages } }) => {
    assert.equal(await messages.add(buildRecord()), true);
    assert.equal(await messages.add(buildRecord({ chatId: telegramChat(502) })), true);
  },

  'open messages are those without a verdict, in the order in which they were added, up to the limit': async ({ stores: { messages } }) => {
    for (const id of ids(30, 4, 200, 11)) await messages.add(buildRecord({ messageId: id }));
    await messages.add(buildRecord({ messageId: telegramMessage(1) }, { verdict: { kind: 'remembered' } }));
    await messages.add(buildRecord({ chatId: telegramChat(502), messageId: telegramMessage(2) }));
    const open = async (limit: number) => (await messages.open(chat, limit)).map(({ message }) => message.messageId);
    assert.deepEqual(await open(10), ids(30, 4, 200, 11));
    assert.deepEqual(await open(2), ids(30, 4));
    assert.deepEqual(await messages.open(telegramChat(999), 10), []);
  },

  'chats with open messages come longest waiting first': async ({ stores: { messages } }) => {
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

  'settling gives every named message the verdict, and no other': async ({ stores: { messages } }) => {
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

  'a verdict stands: settling again is refused as concurrency': async ({ stores: { messages } }) => {
    await messages.add(buildRecord());
    await messages.settle(chat, ids(1), answered);
    await assert.rejects(messages.settle(chat, ids(1), { kind: 'answered', turnId: turnId('t2') }), portFailure('concurrency'));
    assert.deepEqual((await messages.get(chat, telegramMessage(1)))?.verdict, answered);
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

  'revising replaces what a message says, whatever became of it, and nothing else': async ({ stores: { messages } }) => {
    const parts = [
      { messageId: telegramMessage(1), text: 'And' },
      { messageId: telegramMessage(3), text: 'back?' },
    ];
    for (const id of ids(1, 2)) await messages.add(buildRecord({ messageId: id }));
    await messages.add(buildRecord({ messageId: telegramMessage(4) }, { verdict: { kind: 'remembered' } }));
    assert.equal(await messages.revise(chat, telegramMessage(1), { text: 'And\nback?', parts, editedAt: START + 9 }), true);
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), buildRecord({ text: 'And\nback?', parts, editedAt: START + 9 }));
    assert.deepEqual(await messages.get(chat, telegramMessage(2)), buildRecord({ messageId: telegramMessage(2) }));
    assert.equal(await messages.revise(chat, telegramMessage(1), { text: 'And back? 🚂' }), true);
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), buildRecord({ text: 'And back? 🚂', editedAt: START + 9 }));
    assert.equal(await messages.revise(chat, telegramMessage(4), { text: 'It pours', editedAt: START }), true);
    const remembered = buildRecord(
      { messageId: telegramMessage(4), text: 'It pours', editedAt: START },
      { verdict: { kind: 'remembered' } },
    );
    assert.deepEqual(await messages.get(chat, telegramMessage(4)), remembered);
  },

  'an edit that is older than what a message says changes nothing; one of the same time does': async ({ stores: { messages } }) => {
    await messages.add(buildRecord({ editedAt: START + 9 }));
    assert.equal(await messages.revise(chat, telegramMessage(1), { text: 'old', editedAt: START + 8 }), false);
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), buildRecord({ editedAt: START + 9 }));
    assert.equal(await messages.revise(chat, telegramMessage(1), { text: 'new', editedAt: START + 9 }), true);
    assert.equal((await messages.get(chat, telegramMessage(1)))?.message.text, 'new');
  },

  'a message that is missing, denied or deleted is not revised': async ({ stores: { messages } }) => {
    const denied = buildRecord({}, { verdict: { kind: 'denied' } });
    await messages.add(denied);
    await messages.add(buildRecord({ messageId: telegramMessage(2) }));
    await messages.erase(chat, telegramMessage(2), START + 9);
    for (const id of ids(1, 2, 3)) assert.equal(await messages.revise(chat, id, { text: 'And back?', editedAt: START + 10 }), false);
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), denied);
    assert.equal((await messages.get(chat, telegramMessage(2)))?.message.text, '');
    assert.equal(await messages.get(chat, telegramMessage(3)), undefined);
  },

  'what was remembered or ignored can wait for its turn after all, and nothing else': async ({ stores: { messages } }) => {
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

  'a deleted message keeps nothing of what it said; one that waits is ignored': async ({ stores: { messages } }) => {
    const said = {
      replied: { messageId: telegramMessage(9), quote: 'secret' },
      parts: [{ messageId: telegramMessage(1), text: 'secret' }],
      text: 'secret',
    };
    await messages.add(buildRecord(said));
    await messages.add(buildRecord({ messageId: telegramMessage(2) }, { verdict: answered }));
    assert.deepEqual(await Promise.all(ids(1, 2, 3).map((id) => messages.erase(chat, id, START + 9))), [true, true, false]);
    assert.deepEqual(
      await messages.get(chat, telegramMessage(1)),
      buildRecord({ text: '' }, { verdict: { kind: 'ignored' }, deletedAt: START + 9 }),
    );
    assert.deepEqual(
      await messages.get(chat, telegramMessage(2)),
      buildRecord({ messageId: telegramMessage(2), text: '' }, { verdict: answered, deletedAt: START + 9 }),
    );
    assert.equal(await messages.erase(chat, telegramMessage(1), START + 10), false);
    assert.deepEqual(await messages.open(chat, 10), []);
  },

  'what messages quote of others is found by their numbers in every chat, and taken out in one': async ({ stores: { messages } }) => {
    const quoting = { replyTo: telegramMessage(1), replied: { quote: 'secret' } };
    await messages.add(buildRecord({ messageId: telegramMessage(2), ...quoting }));
    await messages.add(buildRecord({ messageId: telegramMessage(3), ...quoting }, { verdict: answered }));
    await messages.add(buildRecord({ messageId: telegramMessage(4), ...quoting, replyTo: telegramMessage(2) }));
    await messages.add(buildRecord({ messageId: telegramMessage(5), replyTo: telegramMessage(1) }));
    await messages.add(buildRecord({ chatId: telegramChat(500), messageId: telegramMessage(2), ...quoting }));
    assert.deepEqual(await messages.chatsQuoting(ids(1, 7)), [telegramChat(500), chat]);
    await messages.eraseQuotes(chat, ids(1, 7));
    assert.deepEqual(await messages.chatsQuoting(ids(1)), [telegramChat(500)]);
    assert.deepEqual(await messages.chatsQuoting([]), []);
    const quotes = await Promise.all(ids(2, 3, 4, 5).map(async (id) => (await messages.get(chat, id))?.message.replied?.quote));
    assert.deepEqual(quotes, [undefined, undefined, 'secret', undefined]);
    assert.deepEqual((await messages.get(chat, telegramMessage(3)))?.verdict, answered);
  },

  'messages are found by their numbers, or by those of their parts, in every chat or in one, unless they are deleted': async ({
    stores: { messages },
  }) => {
    const parts = ids(20, 22).map((id) => ({ messageId: id, text: `${id}` }));
    await messages.add(buildRecord({ messageId: telegramMessage(3) }));
    await messages.add(buildRecord({ chatId: telegramChat(502), messageId: telegramMessage(3) }));
    await messages.add(buildRecord({ messageId: telegramMessage(20), parts }));
    await messages.add(buildRecord({ messageId: telegramMessage(40) }));
    await messages.erase(chat, telegramMessage(40), START);
    const found = async (...raw: number[]) =>
      (await messages.withIds(ids(...raw))).map(({ message }) => [numberIn(message.chat.id), numberIn(message.messageId)]);
    assert.deepEqual(await found(3), [
      [501, 3],
      [502, 3],
    ]);
    for (const id of [20, 22]) assert.deepEqual(await found(id), [[501, 20]]);
    assert.deepEqual(
      (await messages.withIds(ids(3, 22), chat)).map(({ message }) => numberIn(message.messageId)),
      [3, 20],
    );
    for (const id of [4, 21, 23, 40]) assert.deepEqual(await found(id), []);
    assert.deepEqual(await found(), []);
  },

  'a message with attachments is incomplete until its text is complete': async ({ stores: { messages } }) => {
    const attachments = [
      { messageId: telegramMessage(1), kind: 'document', fileName: 'report.txt', sizeBytes: 5 },
      { messageId: telegramMessage(2), kind: 'photo' },
    ] as const;
    const parts = ids(1, 2).map((id) => ({ messageId: id, text: `part ${numberIn(id)}` }));
    const record = buildRecord({ text: 'part 1\npart 2', parts, attachments });
    await messages.add(record);
    await messages.add(buildRecord({ messageId: telegramMessage(3) }));
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), record);
    assert.deepEqual(await messages.incomplete(10), [record]);
    assert.deepEqual(
      (await messages.open(chat, 10)).map(({ message }) => numberIn(message.messageId)),
      [1, 3],
    );
    const said = { text: 'part 1\n[saved]\npart 2', parts: ids(1, 2).map((id) => ({ messageId: id, text: `complete ${numberIn(id)}` })) };
    assert.equal(await messages.complete(chat, telegramMessage(1), said), true);
    const { attachments: _, ...message } = record.message;
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), { ...record, message: { ...message, ...said } });
    assert.deepEqual(await messages.incomplete(10), []);
    assert.equal(await messages.complete(chat, telegramMessage(1), { text: 'again' }), false);
    assert.equal(await messages.complete(chat, telegramMessage(3), { text: 'nothing to fetch' }), false);
    assert.equal(await messages.complete(chat, telegramMessage(9), { text: 'missing' }), false);
    assert.equal((await messages.get(chat, telegramMessage(3)))?.message.text, buildRecord().message.text);
  },

  'incomplete messages come longest waiting first, whatever became of them, without deleted ones': async ({ stores: { messages } }) => {
    const add = (id: number, more: Partial<InboxMessage> = {}) =>
      messages.add(
        buildRecord(
          { messageId: telegramMessage(id), attachments: [{ messageId: telegramMessage(id), kind: 'voice' }] },
          { receivedAt: START - id, ...more },
        ),
      );
    await add(1);
    await add(2, { verdict: { kind: 'remembered' } });
    await add(3);
    await add(4);
    assert.equal(await messages.revise(chat, telegramMessage(1), { text: 'edited', editedAt: START }), true);
    await messages.erase(chat, telegramMessage(3), START);
    const waiting = async (limit: number) => (await messages.incomplete(limit)).map(({ message }) => numberIn(message.messageId));
    assert.deepEqual(await waiting(10), [4, 2, 1]);
    assert.deepEqual(await waiting(2), [4, 2]);
    assert.equal(await messages.complete(chat, telegramMessage(3), { text: 'of a deleted message' }), false);
    assert.equal((await messages.get(chat, telegramMessage(3)))?.message.text, '');
    assert.equal(await messages.complete(chat, telegramMessage(2), { text: 'complete' }), true);
    assert.deepEqual((await messages.get(chat, telegramMessage(2)))?.verdict, { kind: 'remembered' });
  },

  'messages are counted by verdict, with 0 where there is none': async ({ stores: { messages } }) => {
    const none = { open: 0, denied: 0, ignored: 0, remembered: 0, answered: 0, failed: 0 };
    assert.deepEqual(await messages.stats(), none);
    for (const id of ids(1, 2, 3)) await messages.add(buildRecord({ messageId: id }));
    await messages.add(buildRecord({ messageId: telegramMessage(4) }, { verdict: { kind: 'denied' } }));
    await messages.settle(chat, ids(2), answered);
    assert.deepEqual(await messages.stats(), { ...none, open: 2, denied: 1, answered: 1 });
  },

  'what the caller changes afterwards is not what is stored': async ({ stores: { messages } }) => {
    const record = buildRecord();
    await messages.add(record);
    Reflect.set(record.message, 'text', 'changed after the add');
    const read = await messages.get(chat, telegramMessage(1));
    Reflect.set(read?.message ?? {}, 'text', 'changed after the read');
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), buildRecord());
  },
};
