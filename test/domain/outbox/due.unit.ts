import { expect } from 'chai';
import { type ChatId, MAX_OUTBOX_AGE_MS, type OutboxId, type PendingOutboxItem } from '../../../src/domain/index.ts';
import { afterFailedSend, inSendOrder, maySend, sendBackoffMs, whyTooOld } from '../../../src/domain/outbox/due.ts';
import { buildOutboxDraft, START, telegramChat } from '../../../src/testing/index.ts';

const item = (id: number, chat = 501, over: Partial<PendingOutboxItem> = {}): PendingOutboxItem => ({
  ...buildOutboxDraft({ chatId: telegramChat(chat) }),
  id: id as OutboxId,
  attempts: 0,
  status: 'pending',
  dueAt: START,
  ...over,
});
const DAY = MAX_OUTBOX_AGE_MS;

describe('what the outbox sends next', () => {
  it('is the oldest item of each chat; chats that were rate-limited come last', () => {
    const items = [item(1, 501), item(2, 502), item(3, 503)];
    const order = (...limited: number[]) => inSendOrder(items, new Set(limited.map((chat) => telegramChat(chat)))).map(({ id }) => id);
    expect(order()).to.deep.equal([1, 2, 3]);
    expect(order(501)).to.deep.equal([2, 3, 1]);
    expect(order(501, 502)).to.deep.equal([3, 1, 2]);
  });

  it('is no item that is being sent, was just sent, or whose chat has a send under way', () => {
    const none = { lanes: new Set<ChatId>(), items: new Set<OutboxId>(), ended: new Set<OutboxId>() };
    const { id, chatId } = item(1);
    expect(maySend(id, chatId, none)).to.equal(true);
    expect(maySend(id, chatId, { ...none, lanes: new Set([telegramChat(501)]) })).to.equal(false);
    expect(maySend(id, chatId, { ...none, items: new Set([1 as OutboxId]) })).to.equal(false);
    expect(maySend(id, chatId, { ...none, ended: new Set([1 as OutboxId]) })).to.equal(false);
  });
});

describe('an item that was not sent', () => {
  it('waits half a second, then twice as long each time, at most a minute', () => {
    expect([1, 2, 3, 7, 8, 9, 100].map(sendBackoffMs)).to.deep.equal([500, 1_000, 2_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('is given up when the platform refused it, and else tried again', () => {
    expect(afterFailedSend(item(1), { reason: 'no such chat', isRefusal: true }, START)).to.deep.equal({
      type: 'give-up',
      reason: 'no such chat',
    });
    expect(afterFailedSend(item(1, 501, { attempts: 2 }), { reason: 'down' }, START)).to.deep.equal({
      type: 'postpone',
      dueAt: START + 2_000,
      waitMs: 2_000,
      reason: 'down',
    });
    expect(afterFailedSend(item(1), { reason: 'busy', waitMs: 42_000 }, START)).to.include({ dueAt: START + 42_000 });
  });

  it('is given up when its next try would be later than 24 hours after it was made', () => {
    const next = (now: number) => afterFailedSend(item(1), { reason: 'down', waitMs: 1_000 }, now);
    expect(next(START + DAY - 1_000).type).to.equal('postpone');
    expect(next(START + DAY - 999)).to.deep.equal({ type: 'give-up', reason: 'down (given up after 24 hours)' });
  });

  it('is not sent again after 24 hours if it may have arrived', () => {
    const fresh = item(1);
    expect(whyTooOld(fresh, START, START + 2 * DAY), 'this process has not tried it').to.equal(undefined);
    expect(whyTooOld(fresh, START + 1, START + DAY), 'not older than that').to.equal(undefined);
    expect(whyTooOld(fresh, START + 1, START + DAY + 1)).to.equal('it may have arrived (given up after 24 hours)');
    expect(whyTooOld(item(1, 501, { attempts: 1, lastError: 'cut' }), START, START + DAY + 1)).to.equal('cut (given up after 24 hours)');
  });
});
