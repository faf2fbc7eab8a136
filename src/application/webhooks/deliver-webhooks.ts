import { webhookAbandonedFact } from '../../domain/audit/facts.ts';
import { afterFailedSend, givenUpWords } from '../../domain/outbox/due.ts';
import { doublingMs } from '../../domain/shared/backoff.ts';
import { present } from '../../domain/shared/present.ts';
import { MAX_WEBHOOK_AGE_MS, type PendingWebhookEvent, WEBHOOK_RETENTION_MS } from '../../domain/webhook/webhook-event.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Storage } from '../../ports/storage/storage.ts';
import type { WebhookReceiver } from '../../ports/webhook-receiver.ts';
import { makeAtOnce } from '../loops/at-once.ts';
import { makeBackoffs } from '../loops/backoff.ts';
import { callWithin } from '../loops/call-within.ts';
import { makeHourlyPurge } from '../loops/hourly-purge.ts';
import { makeLanes } from '../outbox/lanes.ts';
import { makePause } from './pause.ts';

/** So many events are posted side by side. */
const MAX_POSTS = 8;
/** So many subjects are looked at in one poll: their events wait for a place. */
const MAX_SUBJECTS = 100;
/** Events are looked for at most once in this time: whoever answers people comes first. */
const POLL_MS = 200;
/** The longest time of one post. */
export const POST_MS = 20_000;
/** A receiver that asks for more is asked again after this time. */
const MAX_RETRY_AFTER_MS = 60 * 60_000;
/** What the receiver refuses is rarely mended within a minute. */
const REFUSED_FIRST_MS = 60_000;
const REFUSED_LAST_MS = 60 * 60_000;
const GIVE_UP_BATCH = 100;

export interface WebhookDeliverer {
  /** Resolves when facts are stored from now on, or are no longer where there is no receiver. */
  start(): Promise<void>;
  /** Aborts what is being posted, and resolves when all of it has ended. */
  stop(): Promise<void>;
}

export interface WebhookDelivererParts {
  /** Absent: nobody wants to know, and no fact is stored. */
  readonly receiver?: WebhookReceiver | undefined;
  readonly storage: Pick<Storage, 'stores' | 'unitOfWork' | 'state'>;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
  readonly redact: Redact;
}

/**
 * Posts what happened to the receiver: events about one subject in their order, those of several subjects side by side,
 * each until the receiver has taken it, wants it no more, or three days are over. It runs in the bot that leads. While
 * the receiver fails, one event at a time is tried.
 */
export const makeWebhookDeliverer = (parts: WebhookDelivererParts): WebhookDeliverer => {
  const { receiver, storage, changes, clock, events } = parts;
  const { webhooks } = storage.stores;
  const purge = makeHourlyPurge({
    name: 'purge-webhooks',
    changes,
    clock,
    events,
    onPurged: (count) => events.emit({ type: 'webhooks-purged', count }),
    purge: (now, limit) => {
      const endedBefore = now - WEBHOOK_RETENTION_MS;
      return webhooks.purge({ endedBefore, pendingBefore: endedBefore - MAX_WEBHOOK_AGE_MS, limit });
    },
  });
  const posts = receiver && makePosts(parts, receiver);
  return {
    start: async () => {
      await webhooks.listen(receiver !== undefined);
      purge.start();
      posts?.start();
    },
    stop: async () => {
      await Promise.all([purge.stop(), posts?.stop()]);
    },
  };
};

const makePosts = ({ storage, changes, clock, events, redact }: WebhookDelivererParts, receiver: WebhookReceiver) => {
  const { stores, unitOfWork } = storage;
  const { webhooks } = stores;
  const stopping = new AbortController();
  const pause = makePause(storage.state('webhooks'), clock);
  const backoffs = makeBackoffs<string>(clock);
  const atOnce = makeAtOnce(MAX_POSTS);

  /** While the receiver fails, what it did not take in three days is given up, whether or not it was tried. */
  const due = async (now: number, limit: number): Promise<readonly PendingWebhookEvent[]> => {
    if (pause.failures() > 0)
      for (const event of await webhooks.pendingSince(now - MAX_WEBHOOK_AGE_MS, GIVE_UP_BATCH))
        await giveUp(event, givenUpWords(event.lastError ?? 'the receiver did not answer', MAX_WEBHOOK_AGE_MS));
    return pause.until(now) === undefined ? webhooks.due(now, limit) : [];
  };

  const send = async (event: PendingWebhookEvent): Promise<void> => {
    try {
      await atOnce(async () => {
        // Others may have failed while it waited for a place.
        if (pause.until(clock.now()) === undefined && !stopping.signal.aborted) await post(event);
      });
      backoffs.succeeded(event.subject);
    } catch (error) {
      const failures = backoffs.failed(event.subject);
      events.emit({ type: 'webhook-not-recorded', ...about(event), failures, reason: reasonOf(error), error });
    }
  };

  /** Rejects when the storage does: the event is posted again, under the same id. */
  const post = async (event: PendingWebhookEvent): Promise<void> => {
    try {
      await callWithin(clock, POST_MS, (signal) => receiver.post(event, signal), { stopping: stopping.signal });
    } catch (error) {
      // Whether it arrived is not known: whoever comes next posts it at once.
      if (!stopping.signal.aborted) await failed(event, error);
      return;
    }
    await webhooks.markDelivered(event.id, clock.now());
    await pause.end();
    const { attempts, since } = event;
    events.emit({ type: 'webhook-delivered', ...about(event), attempts: attempts + 1, durationMs: clock.now() - since });
  };

  const failed = async (event: PendingWebhookEvent, error: unknown): Promise<void> => {
    const code = isPortError(error) ? error.code : 'unknown';
    const reason = redact(reasonOf(error));
    const { attempts, since: createdAt } = event;
    const isRefused = isPortError(error) && !error.retryable;
    const asked = isPortError(error) && error.retryAfterMs !== undefined ? Math.min(error.retryAfterMs, MAX_RETRY_AFTER_MS) : undefined;
    const waitMs = isRefused ? doublingMs(attempts + 1, REFUSED_FIRST_MS, REFUSED_LAST_MS) : asked;
    const failure = { reason, isRefusal: code === 'not-found', ...present({ waitMs }) };
    const now = clock.now();
    const step = afterFailedSend({ attempts, createdAt }, failure, now, MAX_WEBHOOK_AGE_MS);
    if (code !== 'not-found' && code !== 'invalid-request') await pause.failed(asked);
    if (step.type === 'give-up') return giveUp(event, step.reason);
    await webhooks.postpone(event.id, { at: now, reason, dueAt: step.dueAt });
    events.emit({ type: 'webhook-retried', ...about(event), attempts: attempts + 1, reason, waitMs: step.waitMs });
  };

  const giveUp = async (event: PendingWebhookEvent, reason: string): Promise<void> => {
    const at = clock.now();
    const told = { ...about(event), reason };
    await unitOfWork.run(async (unit) => {
      await unit.webhooks.giveUp(event.id, { at, reason });
      await unit.audit.add([webhookAbandonedFact(told, at)]);
    });
    events.emit({ type: 'webhook-abandoned', ...told });
  };

  const lanes = makeLanes({
    name: 'webhooks',
    clock,
    changes,
    events,
    intervalMs: POLL_MS,
    maxLanes: async () => {
      await pause.load();
      return pause.failures() > 0 ? 1 : MAX_SUBJECTS;
    },
    laneOf: ({ subject }: PendingWebhookEvent) => subject,
    due,
    nextDueAt: async (now) => pause.until(now) ?? webhooks.nextDueAt(now),
    waitsUntil: async ({ subject }) => backoffs.until(subject),
    send,
  });
  return {
    start: lanes.start,
    stop: () => {
      stopping.abort();
      return lanes.stop();
    },
  };
};

const about = ({ eventId, subject, fact }: PendingWebhookEvent) => ({ eventId, subject, kind: fact.type });
