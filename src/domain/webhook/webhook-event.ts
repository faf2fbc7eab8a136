import type { Alert } from '../alert/alert.ts';
import type { Approval } from '../approval/approval.ts';
import type { ChatId } from '../chat/ids.ts';
import type { SettledPromise } from '../promise/promise.ts';
import type { Brand } from '../shared/brand.ts';
import { sha256 } from '../shared/sha256.ts';

export type WebhookEventId = Brand<number, 'WebhookEventId'>;

export const WEBHOOK_TYPES = ['promise.settled', 'approval.asked', 'alert.firing', 'alert.resolved'] as const;
export type WebhookType = (typeof WEBHOOK_TYPES)[number];

/** What happened, as it stood at that moment. */
export type WebhookFact =
  | { readonly type: 'promise.settled'; readonly promise: SettledPromise }
  | { readonly type: 'approval.asked'; readonly approval: WebhookApproval }
  | { readonly type: 'alert.firing' | 'alert.resolved'; readonly alert: Alert };

/** The token of an approval stays here: whoever has it could decide. */
export type WebhookApproval = Omit<Approval, 'token'>;

/** A fact to post to the receiver, before it is stored. */
export interface WebhookDraft {
  /** Names the fact for the receiver, the same over all repeats: `evt_` and 40 hexadecimal digits. */
  readonly eventId: string;
  /** What it is about: `promise:3`, to which its approvals belong, or `alert:queue.worker`. Posted in their order. */
  readonly subject: string;
  readonly fact: WebhookFact;
  /** When it happened, in ms since 1970. */
  readonly at: number;
}

export type WebhookEvent = WebhookDraft & {
  readonly id: WebhookEventId;
  readonly attempts: number;
  /** From when its age counts: from when it happened, or from when somebody had it posted again. */
  readonly since: number;
} & WebhookState;

export type WebhookState =
  /** `failedAt`, `lastError`: of its last attempt, where that failed. */
  | { readonly status: 'pending'; readonly dueAt: number; readonly failedAt?: number; readonly lastError?: string }
  | { readonly status: 'delivered'; readonly endedAt: number }
  | { readonly status: 'failed'; readonly endedAt: number; readonly lastError: string };

export type PendingWebhookEvent = Extract<WebhookEvent, { status: 'pending' }>;
export const WEBHOOK_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

/** A receiver may be away over a weekend; what it has not taken by then is given up. */
export const MAX_WEBHOOK_AGE_MS = 72 * 60 * 60 * 1000;
/** How long an event is kept after it was delivered or given up. */
export const WEBHOOK_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;

/** The same fact has the same id, in whichever process it is stored; one that happens once more has another. */
const eventIdOf = (type: WebhookType, ...parts: readonly (string | number)[]): string =>
  `evt_${sha256(JSON.stringify([type, ...parts])).slice(0, 40)}`;

export const promiseSettledEvent = (promise: SettledPromise, at: number): WebhookDraft => ({
  eventId: eventIdOf('promise.settled', promise.chatId, promise.id, promise.createdAt, promise.version, promise.completedAt),
  subject: `promise:${promise.id}`,
  // What only Kept itself has a use for stays here.
  fact: { type: 'promise.settled', promise: { ...promise, metadata: {} } },
  at,
});

export const approvalAskedEvent = ({ token: _, ...approval }: Approval): WebhookDraft => ({
  eventId: eventIdOf('approval.asked', approval.call.chatId, approval.id, approval.askedAt, approval.digest),
  subject: `promise:${approval.promiseId}`,
  fact: { type: 'approval.asked', approval },
  at: approval.askedAt,
});

export const alertEvent = (alert: Alert, at: number): WebhookDraft => ({
  eventId: eventIdOf(`alert.${alert.status}`, alert.key, alert.startedAt),
  subject: `alert:${alert.key}`,
  fact: { type: `alert.${alert.status}`, alert },
  at,
});

/** The chat that a fact is of; undefined where it is of none. */
export const chatOfWebhook = (fact: WebhookFact): ChatId | undefined => {
  if (fact.type === 'promise.settled') return fact.promise.chatId;
  return fact.type === 'approval.asked' ? fact.approval.call.chatId : undefined;
};

/** A draft and nothing else, whatever the object that it is taken from holds beside. */
export const webhookDraftFields = ({ eventId, subject, fact, at }: WebhookDraft): WebhookDraft => ({ eventId, subject, fact, at });

/** An event that was given up, as it is posted again: its age counts from now. */
export const revivedEvent = (event: Extract<WebhookEvent, { status: 'failed' }>, at: number): PendingWebhookEvent => {
  const { status: _, endedAt: failedAt, ...rest } = event;
  return { ...rest, status: 'pending', attempts: 0, since: at, dueAt: at, failedAt };
};
