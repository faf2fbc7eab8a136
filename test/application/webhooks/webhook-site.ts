import { makeMemoryChangeFeed, makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeWebhookDeliverer } from '../../../src/application/index.ts';
import type { Clock, PostedEvent, Storage, WebhookReceiver } from '../../../src/ports/index.ts';
import { buildWebhookDraft, makeFixedClock, makeRecordingEvents } from '../../../src/testing/index.ts';
import { makeLifetime, mortalClock, mortalFeed, mortalStorage, type ProcessLifetime } from '../crashes/process-lifetime.ts';
import { advance, settle } from '../support/harness.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** `promise:1 0`: its subject, and how many seconds after the start it happened. */
export const nameOf = (event: PostedEvent, start: number): string => {
  const { fact, at } = event;
  const subject = fact.type === 'promise.settled' ? `promise:${fact.promise.id}` : fact.type;
  return `${subject} ${(at - start) / SECOND}`;
};

/** A receiver, facts, and processes that post them. */
export const makeWebhookSite = () => {
  const clock = makeFixedClock();
  const start = clock.now();
  const changes = makeMemoryChangeFeed();
  const storage = makeMemoryStorage({ changes });
  const recorded = makeRecordingEvents();
  /** Every request, in order, and those that were taken. */
  const asked: PostedEvent[] = [];
  const taken: PostedEvent[] = [];
  const under = { now: 0, most: 0 };
  let answer: (event: PostedEvent, signal: AbortSignal) => Promise<void> = async () => undefined;

  const receiver: WebhookReceiver = {
    place: 'https://example.org',
    isSigned: true,
    post: async (event, signal) => {
      asked.push(event);
      under.now++;
      under.most = Math.max(under.most, under.now);
      try {
        await answer(event, signal);
        taken.push(event);
      } finally {
        under.now--;
      }
    },
  };

  const make = (of: { storage: Storage; clock: Clock; changes: typeof changes; receiver?: WebhookReceiver | undefined }) =>
    makeWebhookDeliverer({ ...of, events: recorded, redact: (text) => text });

  return {
    clock,
    start,
    storage,
    webhooks: storage.stores.webhooks,
    recorded,
    asked,
    taken,
    under,
    answers: (by: typeof answer): void => {
      answer = by;
    },
    add: (...of: readonly (readonly [promise: number, second: number])[]) =>
      storage.stores.webhooks.add(of.map(([promise, second]) => buildWebhookDraft(promise, start + second * SECOND))),
    deliverer: (to: WebhookReceiver | undefined = receiver) => make({ storage, clock, changes, receiver: to }),
    silent: () => make({ storage, clock, changes }),
    /** The same in a process that may die. */
    mortal: (life: ProcessLifetime = makeLifetime()) =>
      make({
        storage: mortalStorage(storage, life, changes),
        clock: mortalClock(clock, life),
        changes: mortalFeed(changes, life) as typeof changes,
        receiver: { ...receiver, post: (event, signal) => life.through(() => receiver.post(event, signal), 'post') },
      }),
    settle: async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn++) await settle();
    },
    passes: (ms: number, stepMs?: number) => advance({ clock }, ms, stepMs),
    names: (events: readonly PostedEvent[] = taken) => events.map((event) => nameOf(event, start)),
  };
};
