import { strict as assert } from 'node:assert';
import { chatId, type OutboxDraft, type OutboxId, type PendingOutboxItem, promiseId } from '../domain/index.ts';
import type { OutboxStore, Storage } from '../ports/index.ts';
import { buildOutboxDraft, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramMessage } from './ids.ts';
import { countWinners, portFailure } from './port-failure.ts';
import { wider } from './wider.ts';

const LATER = START + 3_600_000;

/** Adds an item for `chat`, its key and text being `name`, and resolves to it. */
const put = async (outbox: OutboxStore, name: string, chat = 501, more: Partial<OutboxDraft> = {}): Promise<PendingOutboxItem> => {
  const draft = buildOutboxDraft({ chatId: telegramChat(chat), text: name, dedupeKey: name, answers: [telegramMessage(77)], ...more });
  assert.equal(await outbox.add(draft), true);
  const item = (await outbox.answering(draft.chatId, telegramMessage(77))).find(({ dedupeKey }) => dedupeKey === name);
  assert.equal(item?.status, 'pending');
  return item;
};
const dueTexts = async (outbox: OutboxStore, now: number, limit = 100) => (await outbox.due(now, limit)).map(({ text }) => text);

/** The law of `OutboxStore`. */
export const outboxStoreContract: Contract<Storage> = {
  'returns an item as it was drafted: pending, due at once, not yet attempted': async ({ stores: { outbox } }) => {
    const drafts = [
      buildOutboxDraft({
        text: 'À bientôt 🚂',
        replyTo: telegramMessage(4),
        answers: [3, 4].map((n) => telegramMessage(n)),
        promiseId: promiseId(12),
        buttons: [
          { label: 'Approve', data: 'a:1' },
          { label: 'Ablehnen "ja"', data: 'd:2' },
        ],
      }),
      buildOutboxDraft({ dedupeKey: 'result:1', chatId: telegramChat(-100_777), answers: [], deliveryKey: '9223372036854775807' }),
    ];
    for (const draft of drafts) {
      assert.equal(await outbox.add(draft), true);
      const item = (await outbox.due(START, 10)).find(({ dedupeKey }) => dedupeKey === draft.dedupeKey);
      assert.ok(item);
      assert.deepEqual(item, { ...draft, id: item.id, attempts: 0, status: 'pending', dueAt: START });
      assert.deepEqual(await outbox.get(item.id), item);
    }
  },

  'stores the fields of a draft, and nothing that its object holds beside': async ({ stores: { outbox } }) => {
    const draft = buildOutboxDraft();
    await outbox.add(wider(draft));
    const [item] = await outbox.due(START, 10);
    assert.deepEqual(item, { ...draft, id: item?.id, attempts: 0, status: 'pending', dueAt: START });
  },

  'returns undefined for an unknown item': async ({ stores: { outbox } }) => {
    assert.equal(await outbox.get(12_345 as OutboxId), undefined);
  },

  'takes a key once: a second add resolves to false and stores nothing': async ({ stores: { outbox } }) => {
    const first = await put(outbox, 'turn:t1');
    assert.equal(await outbox.add(buildOutboxDraft({ dedupeKey: 'turn:t1', chatId: telegramChat(502), text: 'again' })), false);
    assert.deepEqual(await outbox.due(LATER, 10), [first]);
  },

  'adds many items in their order, except those whose key is taken': async ({ stores: { outbox } }) => {
    await put(outbox, 'a');
    const drafts = ['b', 'a', 'c', 'b', 'd'].map((dedupeKey, i) =>
      buildOutboxDraft({ dedupeKey, text: `${dedupeKey}${i}`, chatId: telegramChat(600 + i), answers: [telegramMessage(i + 1)] }),
    );
    assert.deepEqual(await outbox.addMany(drafts), [true, false, true, false, true]);
    assert.deepEqual(await outbox.addMany([]), []);
    assert.deepEqual(await dueTexts(outbox, START), ['a', 'b0', 'c2', 'd4']);
    assert.deepEqual(
      (await outbox.answering(telegramChat(602), telegramMessage(3))).map(({ text }) => text),
      ['c2'],
    );
    assert.deepEqual(await outbox.answering(telegramChat(603), telegramMessage(4)), []);
  },

  'keeps a key taken after its item was sent or given up': async ({ stores: { outbox } }) => {
    const sent = await put(outbox, 'a');
    const lost = await put(outbox, 'b');
    await outbox.markSent(sent.id, telegramMessage(90), START);
    await outbox.giveUp(lost.id, START, 'refused');
    for (const dedupeKey of ['a', 'b']) assert.equal(await outbox.add(buildOutboxDraft({ dedupeKey })), false);
    assert.deepEqual(await outbox.due(LATER, 10), []);
  },

  'lets one of 30 parallel adds with one key win': async ({ stores: { outbox } }) => {
    const added = await Promise.all(Array.from({ length: 30 }, (_, i) => outbox.add(buildOutboxDraft({ text: `copy ${i}` }))));
    assert.equal(added.filter(Boolean).length, 1);
    assert.deepEqual(await dueTexts(outbox, START), [`copy ${added.indexOf(true)}`]);
  },

  'gives as due the oldest pending item of each chat, lowest id first, up to the limit': async ({ stores: { outbox } }) => {
    await put(outbox, 'b1', 502);
    await put(outbox, 'a1', 501);
    await put(outbox, 'b2', 502);
    await put(outbox, 'c1', 503);
    await put(outbox, 'a2', 501);
    assert.deepEqual(await dueTexts(outbox, START), ['b1', 'a1', 'c1']);
    assert.deepEqual(await dueTexts(outbox, START, 2), ['b1', 'a1']);
  },

  'gives nothing as due before its time': async ({ stores: { outbox } }) => {
    await put(outbox, 'a1', 501, { createdAt: START + 10 });
    assert.deepEqual(await dueTexts(outbox, START + 9), []);
    assert.deepEqual(await dueTexts(outbox, START + 10), ['a1']);
  },

  'leaves out a chat whose oldest item is not due, whatever follows it': async ({ stores: { outbox } }) => {
    const head = await put(outbox, 'a1');
    await put(outbox, 'a2');
    await put(outbox, 'b1', 502);
    await outbox.postpone(head.id, LATER, 'flood wait');
    assert.deepEqual(await dueTexts(outbox, LATER - 1), ['b1']);
    assert.deepEqual(await dueTexts(outbox, LATER), ['a1', 'b1']);
  },

  'fills the limit with chats that are due, not with chats that wait': async ({ stores: { outbox } }) => {
    for (let chat = 501; chat < 506; chat++) await outbox.postpone((await put(outbox, `wait ${chat}`, chat)).id, LATER, 'down');
    await put(outbox, 'ready', 600);
    assert.deepEqual(await dueTexts(outbox, START, 1), ['ready']);
  },

  'gives the next item of a chat once the one before is sent or given up': async ({ stores: { outbox } }) => {
    const [first, second] = [await put(outbox, 'a1'), await put(outbox, 'a2')];
    await put(outbox, 'a3');
    await outbox.markSent(first.id, telegramMessage(90), START + 1);
    assert.deepEqual(await dueTexts(outbox, START + 1), ['a2']);
    await outbox.giveUp(second.id, START + 2, 'refused');
    assert.deepEqual(await dueTexts(outbox, START + 2), ['a3']);
  },

  'gives as the next due time that of the oldest item of the earliest chat': async ({ stores: { outbox } }) => {
    assert.equal(await outbox.nextDueAt(), undefined);
    const head = await put(outbox, 'a1');
    assert.equal(await outbox.nextDueAt(), START);
    await put(outbox, 'a2');
    const other = await put(outbox, 'b1', 502);
    await outbox.postpone(head.id, LATER, 'flood wait');
    await outbox.postpone(other.id, LATER - 500, 'down');
    assert.equal(await outbox.nextDueAt(), LATER - 500);
    await outbox.markSent(other.id, telegramMessage(1), LATER);
    assert.equal(await outbox.nextDueAt(), LATER);
    await outbox.markSent(head.id, telegramMessage(90), LATER);
    assert.equal(await outbox.nextDueAt(), START);
  },

  'says that a chat has something pending until all of it is sent or given up': async ({ stores: { outbox } }) => {
    const pending = (chat: number) => outbox.hasPending(telegramChat(chat));
    assert.equal(await pending(501), false);
    const [first, second] = [await put(outbox, 'a1'), await put(outbox, 'a2')];
    assert.deepEqual([await pending(501), await pending(502)], [true, false]);
    await outbox.postpone(first.id, LATER, 'down');
    await outbox.markSent(first.id, telegramMessage(90), START);
    assert.equal(await pending(501), true);
    await outbox.giveUp(second.id, START, 'refused');
    assert.equal(await pending(501), false);
  },

  'marks as sent what was delivered without a known id': async ({ stores: { outbox } }) => {
    const item = await put(outbox, 'a1');
    await outbox.markSent(item.id, undefined, LATER);
    const { dueAt: _, ...rest } = item;
    assert.deepEqual(await outbox.get(item.id), { ...rest, status: 'sent', sentAt: LATER });
  },

  'counts an attempt and keeps the reason when it postpones': async ({ stores: { outbox } }) => {
    const item = await put(outbox, 'a1');
    await outbox.postpone(item.id, START + 500, 'connection reset');
    assert.deepEqual(await outbox.get(item.id), { ...item, attempts: 1, dueAt: START + 500, lastError: 'connection reset' });
    await outbox.postpone(item.id, LATER, 'flood wait');
    assert.deepEqual(await outbox.get(item.id), { ...item, attempts: 2, dueAt: LATER, lastError: 'flood wait' });
  },

  'keeps of a sent item when and as which message it was sent, and nothing of the time before': async ({ stores: { outbox } }) => {
    const { dueAt: _, status: __, attempts: ___, ...draft } = await put(outbox, 'a1');
    await outbox.postpone(draft.id, START, 'once');
    await outbox.markSent(draft.id, telegramMessage(90), START + 5);
    const sent = await outbox.get(draft.id);
    assert.ok(sent && sent.attempts >= 1);
    assert.deepEqual(sent, { ...draft, attempts: sent.attempts, status: 'sent', sentAt: START + 5, sentMessageId: telegramMessage(90) });
  },

  'keeps of an item given up when and why': async ({ stores: { outbox } }) => {
    const { dueAt: _, status: __, attempts: ___, ...draft } = await put(outbox, 'a1');
    await outbox.giveUp(draft.id, START + 5, 'the chat is gone');
    const failed = await outbox.get(draft.id);
    assert.deepEqual(failed, {
      ...draft,
      attempts: failed?.attempts,
      status: 'failed',
      failedAt: START + 5,
      lastError: 'the chat is gone',
    });
  },

  'refuses changes to items that are not pending as concurrency': async ({ stores: { outbox } }) => {
    const sent = await put(outbox, 'a1');
    const lost = await put(outbox, 'a2');
    await outbox.markSent(sent.id, telegramMessage(90), START);
    await outbox.giveUp(lost.id, START, 'refused');
    const before = await Promise.all([outbox.get(sent.id), outbox.get(lost.id)]);
    for (const id of [sent.id, lost.id, 12_345 as OutboxId]) {
      await assert.rejects(outbox.markSent(id, telegramMessage(91), LATER), portFailure('concurrency'));
      await assert.rejects(outbox.postpone(id, LATER, 'late'), portFailure('concurrency'));
      await assert.rejects(outbox.giveUp(id, LATER, 'late'), portFailure('concurrency'));
    }
    assert.deepEqual(await Promise.all([outbox.get(sent.id), outbox.get(lost.id)]), before);
  },

  'lets one of 20 parallel marks win': async ({ stores: { outbox } }) => {
    const { id } = await put(outbox, 'a1');
    assert.equal(await countWinners(Array.from({ length: 20 }, (_, i) => outbox.markSent(id, telegramMessage(i + 1), START))), 1);
  },

  'finds the items that answer a message, whatever their status, the oldest first': async ({ stores: { outbox } }) => {
    const chat = telegramChat(501);
    const answering = (id: number, chat: number) => outbox.answering(telegramChat(chat), telegramMessage(id));
    const first = await put(outbox, 'a1', 501, { answers: [5, 77].map((n) => telegramMessage(n)) });
    await put(outbox, 'other chat', 502, { answers: [5, 77].map((n) => telegramMessage(n)) });
    const second = await put(outbox, 'a2', 501, { answers: [77, 5, 55].map((n) => telegramMessage(n)) });
    await put(outbox, 'a3');
    await outbox.markSent(first.id, telegramMessage(90), START);
    assert.deepEqual(await outbox.answering(chat, telegramMessage(5)), [await outbox.get(first.id), second]);
    assert.deepEqual(await answering(55, 501), [second]);
    assert.deepEqual(await answering(7, 501), []);
    assert.deepEqual(await answering(5, 999), []);
  },

  'finds the items that tell of a promise, and those of a chat from the newest, in pages': async ({ stores: { outbox } }) => {
    const first = await put(outbox, 'a1', 501, { promiseId: promiseId(3) });
    const second = await put(outbox, 'a2');
    const other = await put(outbox, 'b1', 502, { promiseId: promiseId(3) });
    const third = await put(outbox, 'a3');
    const chatId = telegramChat(501);
    assert.deepEqual(await outbox.ofPromise(promiseId(3), 10), [first, other]);
    assert.deepEqual(await outbox.ofPromise(promiseId(3), 1), [first]);
    assert.deepEqual(await outbox.ofPromise(promiseId(4), 10), []);
    assert.deepEqual(await outbox.newest({ chatId, limit: 2 }), [third, second]);
    assert.deepEqual(await outbox.newest({ chatId, before: second.id, limit: 2 }), [first]);
    assert.deepEqual(await outbox.newest({ chatId, before: first.id, limit: 2 }), []);
  },

  'finds the item that was sent as a message, in its own chat': async ({ stores: { outbox } }) => {
    const sent = await put(outbox, 'a1');
    const other = await put(outbox, 'b1', 502);
    const nameless = await put(outbox, 'a2');
    await put(outbox, 'a3');
    await outbox.markSent(sent.id, telegramMessage(90), START);
    await outbox.markSent(other.id, telegramMessage(91), START);
    await outbox.markSent(nameless.id, undefined, START);
    assert.deepEqual(await outbox.sentAs(telegramChat(501), telegramMessage(90)), await outbox.get(sent.id));
    assert.equal(await outbox.sentAs(telegramChat(501), telegramMessage(91)), undefined);
    assert.equal(await outbox.sentAs(telegramChat(502), telegramMessage(90)), undefined);
  },

  'finds an item by its key, whatever its status': async ({ stores: { outbox } }) => {
    const sent = await put(outbox, 'approval:4', 501, { buttons: [{ label: 'Approve', data: 'a:1' }] });
    const lost = await put(outbox, 'approval:5');
    assert.deepEqual(await outbox.named('approval:4'), sent);
    await outbox.markSent(sent.id, telegramMessage(90), START);
    await outbox.giveUp(lost.id, START, 'refused');
    assert.deepEqual(await outbox.named('approval:4'), await outbox.get(sent.id));
    assert.deepEqual(await outbox.named('approval:5'), await outbox.get(lost.id));
    assert.equal(await outbox.named('approval:6'), undefined);
  },

  'counts items by status, with 0 for a status without items': async ({ stores: { outbox } }) => {
    assert.deepEqual(await outbox.stats(), { pending: 0, sent: 0, failed: 0 });
    const first = await put(outbox, 'a1');
    await put(outbox, 'a2');
    await put(outbox, 'b1', 502);
    await outbox.markSent(first.id, telegramMessage(90), START);
    assert.deepEqual(await outbox.stats(), { pending: 2, sent: 1, failed: 0 });
  },

  'counts pending items by gateway, without gateways that have none': async ({ stores: { outbox } }) => {
    assert.deepEqual(await outbox.pendingByGateway(), new Map());
    const first = await put(outbox, 'a1');
    await put(outbox, 'a2', -1001234567890);
    await put(outbox, 'a3', 501, { chatId: chatId('my-chat-2:501:7') });
    const lost = await put(outbox, 'b1', 501, { chatId: chatId('local:1') });
    await outbox.markSent(first.id, telegramMessage(90), START);
    await outbox.giveUp(lost.id, START, 'refused');
    assert.deepEqual(
      await outbox.pendingByGateway(),
      new Map([
        ['my-chat-2', 1],
        ['telegram', 1],
      ]),
    );
  },
};
