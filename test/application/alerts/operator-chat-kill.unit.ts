import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { makeOperatorChat } from '../../../src/adapters/alerts/index.ts';
import { chatId, type OutboxDraft } from '../../../src/domain/index.ts';
import { type Clock, PortError, type Storage, type Stores } from '../../../src/ports/index.ts';
import { makeSeededRandomness } from '../../../src/testing/index.ts';
import { MINUTE, makeAlertSite, SECOND } from './alert-site.ts';

const WORKER = { value: 0, found: 'No worker gives a sign of life.' };
const OUTCOMES = { value: 3, found: '3 outcomes of promises have not reached the chat.' };

/** `added` sees each message that goes into the outbox, before it is stored. */
const withOutbox = (
  storage: Storage,
  added: (draft: OutboxDraft) => Promise<void> | void,
  ended = async (): Promise<void> => undefined,
): Storage => ({
  ...storage,
  unitOfWork: {
    run: async (work) => {
      const result = await storage.unitOfWork.run((stores) =>
        work({
          ...stores,
          outbox: {
            ...stores.outbox,
            add: async (draft: OutboxDraft) => {
              await added(draft);
              return stores.outbox.add(draft);
            },
          },
        } satisfies Stores),
      );
      await ended();
      return result;
    },
  },
});

const open = () => {
  const site = makeAlertSite();
  const begin = (storage: Storage = site.storage, clock: Clock = site.clock) => {
    const randomness = makeSeededRandomness(1);
    const chat = makeOperatorChat({ chatId: chatId('telegram:501'), unitOfWork: storage.unitOfWork, randomness, clock });
    return site.begin({ storage, clock, channels: [chat] });
  };
  /** The headlines of all messages to the chat, in order. */
  const headlines = async (): Promise<readonly string[]> => {
    const { outbox } = site.storage.stores;
    const all: string[] = [];
    for (let [item] = await outbox.due(site.clock.now(), 1); item; [item] = await outbox.due(site.clock.now(), 1)) {
      all.push(...(item.text.match(/^(?:CRITICAL|ERROR|WARNING|OVER) .*$/gm) ?? []));
      await outbox.markSent(item.id, undefined, site.clock.now());
    }
    return all;
  };
  return { site, begin, headlines };
};

describe('The chat of the operator', () => {
  it('gets each alert once, where a process is killed as soon as it has stored them and another alert joins', async () => {
    const { site, begin, headlines } = open();
    let isKilled = false;
    const dying = withOutbox(
      site.storage,
      () => {
        isKilled = true;
      },
      () => (isKilled ? new Promise(() => undefined) : Promise.resolve()),
    );
    site.finds('queue.worker', WORKER);
    site.finds('queue.undelivered', OUTCOMES);
    // Nothing that a dead process waits for comes.
    const killed = begin(dying, { now: site.clock.now, after: () => () => undefined });
    for (let poll = 0; poll < 12 && !isKilled; poll++) {
      site.clock.advance(15 * SECOND);
      void killed.look();
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(isKilled, true);
    // By then, whatever it had claimed is free again.
    site.clock.advance(5 * MINUTE);
    site.finds('storage.backup', { value: 1e9, found: 'The newest backup is old.' });
    await begin().look();
    await site.during(begin(), 5 * MINUTE);
    assert.deepEqual((await headlines()).toSorted(), [
      'CRITICAL No worker is running',
      'ERROR Outcomes are not delivered',
      'ERROR The newest backup is old',
    ]);
    const delivered = await site.storage.stores.alerts.deliveries();
    assert.deepEqual(
      delivered.map(({ sent, dueAt }) => [sent, dueAt]),
      Array(3).fill(['firing', undefined]),
    );
  });

  it('counts as failing while its outbox takes nothing, and gets the alert as soon as it does', async () => {
    const { site, begin, headlines } = open();
    let isFull = true;
    const full = withOutbox(site.storage, () => {
      if (isFull) throw new PortError('unavailable', 'the outbox is full', { retryable: true });
    });
    site.finds('queue.worker', WORKER);
    const watch = begin(full);
    await site.during(watch, 5 * MINUTE);
    assert.equal(site.events.of('alert-not-delivered')[0]?.reason, 'the outbox is full');
    isFull = false;
    await site.during(watch, 10 * MINUTE);
    assert.deepEqual(await headlines(), ['CRITICAL No worker is running']);
    assert.equal(site.events.of('alert-delivered').length, 1);
  });
});
