import { strict as assert } from 'node:assert';
import { turnId, type Verdict } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { buildRecord, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { numberIn, telegramChat, telegramMessage } from './ids.ts';
import { wider } from './wider.ts';

const chat = telegramChat(501);
const ids = (...raw: number[]) => raw.map((id) => telegramMessage(id));
const answered: Verdict = { kind: 'answered', turnId: turnId('t1') };

/** The law of `MessageStore`: adding and reading. */
export const messageAddsContract: Contract<Storage> = {
  'returns a message as it was added': async ({ stores: { messages } }) => {
    const plain = buildRecord({ text: 'Où est la gare ? 🚂\n' });
    const full = buildRecord(
      {
        chat: { id: telegramChat(-1_001_234_567_890), kind: 'group', title: 'Railway' },
        messageId: telegramMessage(7),
        addressedTo: 'us',
        editedAt: START + 3,
        forwarded: true,
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

  'locks a message that a unit of work has read until the unit ends': async ({ stores: { messages }, unitOfWork }) => {
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

  'stores the fields of a message, and nothing that its objects hold beside': async ({ stores: { messages } }) => {
    const record = buildRecord({}, { verdict: answered });
    const { message, access, response } = record;
    const parts = { message: wider({ ...message, sender: wider(message.sender) }), access: wider(access), verdict: wider(answered) };
    await messages.add(wider({ ...record, ...parts, ...(response ? { response: wider(response) } : {}) }));
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), record);
  },

  'names the senders of messages that exist': async ({ stores: { messages } }) => {
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

  'returns undefined for an unknown message': async ({ stores: { messages } }) => {
    await messages.add(buildRecord());
    assert.equal(await messages.get(chat, telegramMessage(2)), undefined);
    assert.equal(await messages.get(telegramChat(502), telegramMessage(1)), undefined);
  },

  'adds a message once: a second add resolves to false and changes nothing': async ({ stores: { messages } }) => {
    const first = buildRecord();
    assert.equal(await messages.add(first), true);
    assert.equal(await messages.add(buildRecord({ text: 'edited' }, { verdict: { kind: 'remembered' } })), false);
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), first);
  },

  'lets one of 30 parallel adds of one message win': async ({ stores: { messages } }) => {
    const added = await Promise.all(Array.from({ length: 30 }, (_, i) => messages.add(buildRecord({ text: `copy ${i}` }))));
    const winner = added.indexOf(true);
    assert.equal(added.filter(Boolean).length, 1);
    assert.equal((await messages.get(chat, telegramMessage(1)))?.message.text, `copy ${winner}`);
  },

  'takes the same id in another chat for another message': async ({ stores: { messages } }) => {
    assert.equal(await messages.add(buildRecord()), true);
    assert.equal(await messages.add(buildRecord({ chatId: telegramChat(502) })), true);
  },

  'keeps what is stored apart from what the caller changes afterwards': async ({ stores: { messages } }) => {
    const record = buildRecord();
    await messages.add(record);
    Reflect.set(record.message, 'text', 'changed after the add');
    const read = await messages.get(chat, telegramMessage(1));
    Reflect.set(read?.message ?? {}, 'text', 'changed after the read');
    assert.deepEqual(await messages.get(chat, telegramMessage(1)), buildRecord());
  },
};
