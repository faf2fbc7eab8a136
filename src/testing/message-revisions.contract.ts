import { strict as assert } from 'node:assert';
import { type FetchedAttachment, type InboxMessage, turnId, type Verdict } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { buildRecord, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { numberIn, telegramChat, telegramMessage } from './ids.ts';
import { wider } from './wider.ts';

const chat = telegramChat(501);
const ids = (...raw: number[]) => raw.map((id) => telegramMessage(id));
const answered: Verdict = { kind: 'answered', turnId: turnId('t1') };

/** The law of `MessageStore`: revisions, deletions and attachments. */
export const messageRevisionsContract: Contract<Storage> = {
  'replaces what a message says, whatever its verdict, and nothing else': async ({ stores: { messages } }) => {
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

  'ignores an edit that is older than what the message says, and takes one of the same time': async ({ stores: { messages } }) => {
    await messages.add(buildRecord({ editedAt: START + 9 }));
    assert.equal(await messages.revise(chat, telegramMessage(1), { text: 'old', editedAt: START + 8 }), false);
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), buildRecord({ editedAt: START + 9 }));
    assert.equal(await messages.revise(chat, telegramMessage(1), { text: 'new', editedAt: START + 9 }), true);
    assert.equal((await messages.get(chat, telegramMessage(1)))?.message.text, 'new');
  },

  'revises no message that is missing, denied or deleted': async ({ stores: { messages } }) => {
    const denied = buildRecord({}, { verdict: { kind: 'denied' } });
    await messages.add(denied);
    await messages.add(buildRecord({ messageId: telegramMessage(2) }));
    await messages.erase(chat, telegramMessage(2), START + 9);
    for (const id of ids(1, 2, 3)) assert.equal(await messages.revise(chat, id, { text: 'And back?', editedAt: START + 10 }), false);
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), denied);
    assert.equal((await messages.get(chat, telegramMessage(2)))?.message.text, '');
    assert.equal(await messages.get(chat, telegramMessage(3)), undefined);
  },

  'keeps nothing of what a deleted message said, and ignores it if it is open': async ({ stores: { messages } }) => {
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

  'keeps what became of the attachments of a message, until it is revised without them or deleted': async ({ stores: { messages } }) => {
    const file = (id: number): FetchedAttachment => ({
      messageId: telegramMessage(id),
      kind: 'photo',
      path: `inbox/501/${id}-photo.jpg`,
      words: `[saved as inbox/501/${id}-photo.jpg]`,
    });
    const lost: FetchedAttachment = { messageId: telegramMessage(3), kind: 'voice', words: '[the file was not taken: it is gone]' };
    for (const id of ids(1, 2, 3, 4))
      await messages.add(buildRecord({ messageId: id, ...(numberIn(id) < 4 ? { attachments: [{ messageId: id, kind: 'photo' }] } : {}) }));
    await messages.complete(chat, telegramMessage(1), { text: 'see [saved]', files: [wider(file(1)), wider(file(11))] });
    await messages.complete(chat, telegramMessage(2), { text: 'see [saved]', files: [file(2)] });
    await messages.complete(chat, telegramMessage(3), { text: 'see', files: [lost] });
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), buildRecord({ text: 'see [saved]', files: [file(1), file(11)] }));
    assert.deepEqual(
      await messages.files(chat, ids(1, 3, 4, 9)),
      new Map([
        [telegramMessage(1), [file(1), file(11)]],
        [telegramMessage(3), [lost]],
      ]),
    );
    assert.deepEqual(await messages.files(telegramChat(502), ids(1)), new Map());
    assert.deepEqual(await messages.files(chat, []), new Map());
    await messages.revise(chat, telegramMessage(1), { text: 'seen', files: [wider(file(11))], editedAt: START + 1 });
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), buildRecord({ text: 'seen', files: [file(11)], editedAt: START + 1 }));
    await messages.revise(chat, telegramMessage(1), { text: 'seen' });
    await messages.erase(chat, telegramMessage(2), START + 9);
    assert.deepEqual([...(await messages.files(chat, ids(1, 2, 3))).keys()], ids(3));
    assert.deepEqual(
      await messages.get(chat, telegramMessage(2)),
      buildRecord({ messageId: telegramMessage(2), text: '' }, { verdict: { kind: 'ignored' }, deletedAt: START + 9 }),
    );
    const whole = buildRecord({ messageId: telegramMessage(5), files: [file(5)] });
    await messages.add(buildRecord({ messageId: telegramMessage(5), files: [wider(file(5))] }));
    assert.deepEqual(await messages.get(chat, telegramMessage(5)), whole);
  },

  'finds quotes of messages by their ids in every chat, and removes them in one': async ({ stores: { messages } }) => {
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

  'finds messages by their ids or those of their parts, in every chat or in one, unless they are deleted': async ({
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

  'lists a message with attachments as incomplete until its text is complete': async ({ stores: { messages } }) => {
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

  'lists incomplete messages that are not deleted, whatever their verdicts, the longest waiting first': async ({
    stores: { messages },
  }) => {
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
};
