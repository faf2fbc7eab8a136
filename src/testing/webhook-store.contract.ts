import { strict as assert } from 'node:assert';
import { type Alert, approvalId, type PendingWebhookEvent, promiseId, type SettledPromise, type WebhookDraft } from '../domain/index.ts';
import { alertEvent, approvalAskedEvent, promiseSettledEvent } from '../domain/webhook/webhook-event.ts';
import type { Storage, WebhookStore } from '../ports/index.ts';
import { buildApproval, buildPromise, promiseAfter, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { countWinners, portFailure } from './port-failure.ts';
import { wider } from './wider.ts';

const LATER = START + 3_600_000;

/** A promise that was cancelled at that time. */
const settled = (id: number, at: number, reason = 'no need "now" – ü'): SettledPromise =>
  promiseAfter(buildPromise({ id: promiseId(id) }), { type: 'cancel', at, reason }) as SettledPromise;

/** The end of a promise, as an event. */
export const buildWebhookDraft = (id = 1, at = START): WebhookDraft => promiseSettledEvent(settled(id, at), at);

const alert: Alert = {
  status: 'firing',
  key: 'queue.worker',
  title: 'No worker is running',
  detail: 'None is alive.',
  severity: 'critical',
  startedAt: START,
};

/** Adds it, and resolves to it. */
const put = async (webhooks: WebhookStore, draft: WebhookDraft): Promise<PendingWebhookEvent> => {
  await webhooks.add([draft]);
  const event = await webhooks.get(draft.eventId);
  assert.equal(event?.status, 'pending');
  return event;
};
const names = (events: readonly WebhookDraft[]): readonly string[] => events.map(({ subject, at }) => `${subject} ${at - START}`);

const heard = async ({ stores: { webhooks } }: Storage): Promise<WebhookStore> => {
  await webhooks.listen(true);
  return webhooks;
};

/** The law of `WebhookStore`. */
export const webhookStoreContract: Contract<Storage> = {
  'stores nothing before somebody listens, and nothing after nobody does any more': async ({ stores: { webhooks } }) => {
    assert.equal((await webhooks.stats()).isHeard, false);
    await webhooks.add([buildWebhookDraft(1)]);
    await webhooks.listen(true);
    await webhooks.add([buildWebhookDraft(2), buildWebhookDraft(3)]);
    await webhooks.listen(true);
    await webhooks.listen(false);
    assert.equal((await webhooks.stats()).isHeard, false);
    await webhooks.add([buildWebhookDraft(4)]);
    assert.deepEqual(names(await webhooks.due(START, 10)), ['promise:2 0', 'promise:3 0']);
  },

  'gives each kind of event back as it was drafted: pending, due at once, not yet attempted': async (storage) => {
    const webhooks = await heard(storage);
    const drafts = [
      buildWebhookDraft(),
      approvalAskedEvent(buildApproval({ id: approvalId(3), promiseId: promiseId(9) })),
      alertEvent(alert, START + 1),
      alertEvent({ ...alert, status: 'resolved', resolvedAt: START + 2 }, START + 2),
    ];
    await webhooks.add([]);
    await webhooks.add(drafts.map(wider));
    for (const draft of drafts) {
      const { at } = draft;
      const event = await webhooks.get(draft.eventId);
      assert.deepEqual(event, { ...draft, id: event?.id, attempts: 0, since: at, status: 'pending', dueAt: at });
    }
    assert.equal(JSON.stringify(await webhooks.list({ limit: 10 })).includes('token'), false);
    assert.equal(await webhooks.get('evt_unknown'), undefined);
  },

  'takes an event id once, whatever became of it': async (storage) => {
    const webhooks = await heard(storage);
    const draft = buildWebhookDraft();
    const { id } = await put(webhooks, draft);
    await Promise.all(Array.from({ length: 10 }, () => webhooks.add([draft, draft])));
    await webhooks.markDelivered(id, LATER);
    await webhooks.add([draft]);
    assert.deepEqual((await webhooks.stats()).counts, { pending: 0, delivered: 1, failed: 0 });
  },

  'adds an event with the unit of work that it belongs to, or not at all': async (storage) => {
    const webhooks = await heard(storage);
    await storage.unitOfWork
      .run(async (stores) => {
        await stores.webhooks.add([buildWebhookDraft(1)]);
        throw new Error('undone');
      })
      .catch((error: Error) => assert.equal(error.message, 'undone'));
    await storage.unitOfWork.run((stores) => stores.webhooks.add([buildWebhookDraft(2)]));
    assert.deepEqual(names(await webhooks.due(START, 10)), ['promise:2 0']);
  },

  'gives as due the oldest pending event of each subject, oldest first, up to the limit': async (storage) => {
    const webhooks = await heard(storage);
    await webhooks.add([
      buildWebhookDraft(2, START),
      buildWebhookDraft(1, START),
      buildWebhookDraft(2, START + 1),
      buildWebhookDraft(3, START),
    ]);
    assert.deepEqual(names(await webhooks.due(LATER, 10)), ['promise:2 0', 'promise:1 0', 'promise:3 0']);
    assert.deepEqual(names(await webhooks.due(LATER, 2)), ['promise:2 0', 'promise:1 0']);
    assert.deepEqual(names(await webhooks.due(START - 1, 10)), []);
  },

  'leaves out a subject whose oldest event is not due, and fills the limit with others': async (storage) => {
    const webhooks = await heard(storage);
    const first = await put(webhooks, buildWebhookDraft(1));
    await webhooks.add([buildWebhookDraft(1, START + 1), buildWebhookDraft(2)]);
    assert.equal(await webhooks.nextDueAt(START - 1), START);
    assert.equal(await webhooks.nextDueAt(START), undefined);
    await webhooks.postpone(first.id, { at: START + 5, reason: 'down', dueAt: LATER });
    assert.deepEqual(names(await webhooks.due(LATER - 1, 1)), ['promise:2 0']);
    const [second] = await webhooks.due(LATER - 1, 1);
    assert.ok(second);
    await webhooks.markDelivered(second.id, LATER);
    assert.equal(await webhooks.nextDueAt(START), LATER);
    assert.deepEqual(await webhooks.get(first.eventId), {
      ...first,
      attempts: 1,
      dueAt: LATER,
      failedAt: START + 5,
      lastError: 'down',
    });
    await webhooks.markDelivered(first.id, LATER);
    assert.deepEqual(names(await webhooks.due(LATER, 10)), ['promise:1 1']);
  },

  'keeps of an event that ended when, and why': async (storage) => {
    const webhooks = await heard(storage);
    const [taken, lost] = [await put(webhooks, buildWebhookDraft(1)), await put(webhooks, buildWebhookDraft(2))];
    await webhooks.postpone(taken.id, { at: START, reason: 'once', dueAt: START });
    await webhooks.markDelivered(taken.id, START + 7);
    await webhooks.giveUp(lost.id, { at: START + 8, reason: 'gone' });
    const { dueAt: _, ...rest } = taken;
    assert.deepEqual(await webhooks.get(taken.eventId), { ...rest, attempts: 1, status: 'delivered', endedAt: START + 7 });
    const { dueAt: __, ...other } = lost;
    assert.deepEqual(await webhooks.get(lost.eventId), { ...other, status: 'failed', endedAt: START + 8, lastError: 'gone' });
    assert.equal(await webhooks.nextDueAt(START), undefined);
  },

  'refuses changes to events that are not pending as concurrency': async (storage) => {
    const webhooks = await heard(storage);
    const event = await put(webhooks, buildWebhookDraft());
    const ends = await countWinners(Array.from({ length: 5 }, () => webhooks.markDelivered(event.id, LATER)));
    assert.equal(ends, 1);
    const failure = { at: LATER, reason: 'late', dueAt: LATER };
    await assert.rejects(webhooks.postpone(event.id, failure), portFailure('concurrency'));
    await assert.rejects(webhooks.giveUp(event.id, failure), portFailure('concurrency'));
  },

  'makes events that were given up pending again, one or the oldest of all': async (storage) => {
    const webhooks = await heard(storage);
    const events = [];
    for (const id of [1, 2, 3, 4]) events.push(await put(webhooks, buildWebhookDraft(id)));
    const [first, second, third, fourth] = events as [PendingWebhookEvent, PendingWebhookEvent, PendingWebhookEvent, PendingWebhookEvent];
    for (const { id } of [first, second, third]) await webhooks.giveUp(id, { at: START + 1, reason: 'gone' });
    assert.equal(await webhooks.revive({ eventId: second.eventId, limit: 10 }, LATER), 1);
    assert.equal(await webhooks.revive({ eventId: fourth.eventId, limit: 10 }, LATER), 0);
    assert.equal(await webhooks.revive({ eventId: 'evt_unknown', limit: 10 }, LATER), 0);
    assert.deepEqual(await webhooks.get(second.eventId), { ...second, since: LATER, dueAt: LATER, failedAt: START + 1, lastError: 'gone' });
    assert.equal(await webhooks.revive({ limit: 1 }, LATER), 1);
    assert.deepEqual(names(await webhooks.list({ statuses: ['failed'], limit: 10 })), ['promise:3 0']);
    assert.equal(await webhooks.revive({ limit: 10 }, LATER), 1);
  },

  'lists events by status, the newest first, and gives those that wait since before a time': async (storage) => {
    const webhooks = await heard(storage);
    const first = await put(webhooks, buildWebhookDraft(1));
    await webhooks.add([buildWebhookDraft(2, START + 2), buildWebhookDraft(3, START + 1)]);
    await webhooks.markDelivered(first.id, LATER);
    assert.deepEqual(names(await webhooks.list({ limit: 2 })), ['promise:3 1', 'promise:2 2']);
    assert.deepEqual(names(await webhooks.list({ statuses: ['delivered', 'failed'], limit: 9 })), ['promise:1 0']);
    assert.deepEqual(names(await webhooks.list({ statuses: [], limit: 9 })), []);
    assert.deepEqual(names(await webhooks.pendingSince(START + 9, 9)), ['promise:3 1', 'promise:2 2']);
    assert.deepEqual(names(await webhooks.pendingSince(START + 9, 1)), ['promise:3 1']);
    assert.deepEqual(names(await webhooks.pendingSince(START + 1, 9)), []);
  },

  'counts events by status, with the oldest that waits and the last failure': async (storage) => {
    const webhooks = await heard(storage);
    assert.deepEqual(await webhooks.stats(), { isHeard: true, counts: { pending: 0, delivered: 0, failed: 0 } });
    const [first, second] = [await put(webhooks, buildWebhookDraft(1, START + 3)), await put(webhooks, buildWebhookDraft(2, START + 1))];
    await webhooks.postpone(first.id, { at: START + 9, reason: 'down', dueAt: LATER });
    await webhooks.giveUp(second.id, { at: START + 8, reason: 'gone' });
    const lastFailure = await webhooks.get(first.eventId);
    assert.deepEqual(await webhooks.stats(), {
      isHeard: true,
      counts: { pending: 1, delivered: 0, failed: 1 },
      oldestSince: START + 3,
      lastFailure,
    });
    await webhooks.markDelivered(first.id, LATER);
    assert.equal((await webhooks.stats()).lastFailure?.eventId, second.eventId);
  },

  'purges events that ended long ago, and those that wait for too long, in batches': async (storage) => {
    const webhooks = await heard(storage);
    for (const id of [1, 2, 3]) await webhooks.markDelivered((await put(webhooks, buildWebhookDraft(id))).id, START + id);
    await webhooks.add([buildWebhookDraft(4, START + 5), buildWebhookDraft(5, START + 6)]);
    const request = { endedBefore: START + 3, pendingBefore: START + 6 };
    assert.equal(await webhooks.purge({ ...request, limit: 1 }), 1);
    assert.equal(await webhooks.purge({ ...request, limit: 10 }), 2);
    assert.equal(await webhooks.purge({ ...request, limit: 10 }), 0);
    assert.deepEqual(names(await webhooks.list({ limit: 10 })), ['promise:5 6', 'promise:3 0']);
  },
};
