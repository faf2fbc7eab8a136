import type { PendingWebhookEvent, WebhookDraft, WebhookEvent, WebhookEventId, WebhookStatus } from '../../domain/webhook/webhook-event.ts';

export interface WebhookFailure {
  readonly at: number;
  /** Holds no secret. */
  readonly reason: string;
}

export interface WebhookStats {
  /** Whether somebody listens. */
  readonly isHeard: boolean;
  readonly counts: Readonly<Record<WebhookStatus, number>>;
  /** The earliest `since` of pending events. Absent: none is pending. */
  readonly oldestSince?: number;
  /** The event that failed last, pending or given up. */
  readonly lastFailure?: WebhookEvent;
}

/** Facts to post to the receiver of webhooks, stored with what made them facts. */
export interface WebhookStore {
  /** Whether somebody receives webhooks, for every process on this storage. Until it is said, nobody does. */
  listen(isHeard: boolean): Promise<void>;
  /**
   * Stores events that are due at once. MUST store nothing while nobody listens, and nothing of a draft whose `eventId`
   * is stored.
   */
  add(drafts: readonly WebhookDraft[]): Promise<void>;
  get(eventId: string): Promise<WebhookEvent | undefined>;
  /**
   * The oldest pending event of each subject, if it is due at `now`; at most `limit` events, oldest first. MUST leave a
   * subject out while its oldest pending event is not due: events about one subject never overtake each other.
   */
  due(now: number, limit: number): Promise<readonly PendingWebhookEvent[]>;
  /** When `due` has its next event behind `now`. Undefined if none waits for a later time. */
  nextDueAt(now: number): Promise<number | undefined>;
  /** Pending events whose age counts from before that time, those of the greatest age first. */
  pendingSince(before: number, limit: number): Promise<readonly PendingWebhookEvent[]>;
  /** Marks a pending event as delivered. MUST reject with PortError `concurrency` if it is not pending. */
  markDelivered(id: WebhookEventId, at: number): Promise<void>;
  /** Counts one failed attempt. MUST reject with PortError `concurrency` if the event is not pending. */
  postpone(id: WebhookEventId, failure: WebhookFailure & { readonly dueAt: number }): Promise<void>;
  /** Marks a pending event as failed. MUST reject with PortError `concurrency` if it is not pending. */
  giveUp(id: WebhookEventId, failure: WebhookFailure): Promise<void>;
  /**
   * Makes events that were given up pending again, due at once, with their age counted from `at`: that one, or all of
   * them, the oldest first and at most `limit`. Resolves to how many.
   */
  revive(which: { readonly eventId?: string; readonly limit: number }, at: number): Promise<number>;
  /** Newest first. */
  list(filter: { readonly statuses?: readonly WebhookStatus[]; readonly limit: number }): Promise<readonly WebhookEvent[]>;
  stats(): Promise<WebhookStats>;
  /**
   * Removes at most `limit` events that ended before `endedBefore`, or are pending since before `pendingBefore`.
   * Resolves to how many.
   */
  purge(request: { readonly endedBefore: number; readonly pendingBefore: number; readonly limit: number }): Promise<number>;
}
