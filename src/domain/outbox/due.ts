import { doublingMs } from '../shared/backoff.ts';
import { MAX_OUTBOX_AGE_MS, type PendingOutboxItem } from './outbox.ts';

/** The wait before send attempt `attempts + 1`: half a second, doubled each time, at most a minute. */
export const sendBackoffMs = (attempts: number): number => doublingMs(attempts, 500, 60_000);

/** What a process knows of its sends while it looks for the next ones. */
export interface SendsUnderWay<Id, Lane> {
  /** Lanes with a send under way, such as chats: at most one for each. */
  readonly lanes: { has(lane: Lane): boolean };
  /** Their items, also if the chat has moved meanwhile. */
  readonly items: ReadonlySet<Id>;
  /** Items whose sends ended since the poll began: what it has read of them may be out of date. */
  readonly ended: ReadonlySet<Id>;
}

export const maySend = <Id, Lane>(id: Id, lane: Lane, { lanes, items, ended }: SendsUnderWay<Id, Lane>): boolean =>
  !lanes.has(lane) && !items.has(id) && !ended.has(id);

/**
 * The oldest items first; but those of chats whose last send was rate-limited come last, so that such a chat cannot
 * hold up all others.
 */
export const inSendOrder = (
  items: readonly PendingOutboxItem[],
  rateLimited: ReadonlySet<PendingOutboxItem['chatId']>,
): readonly PendingOutboxItem[] =>
  rateLimited.size === 0
    ? items
    : items.toSorted((a, b) => Number(rateLimited.has(a.chatId)) - Number(rateLimited.has(b.chatId)) || a.id - b.id);

/**
 * Whether an earlier send of the item may have arrived: it was tried before, or an earlier process may have died while
 * it sent the item. `startedAt`: when this process started.
 */
export const mayHaveArrived = ({ attempts, createdAt }: PendingOutboxItem, startedAt: number): boolean =>
  attempts > 0 || createdAt < startedAt;

/** What happens to an item that was not sent. */
export type SendFailureStep =
  | { readonly type: 'postpone'; readonly dueAt: number; readonly waitMs: number; readonly reason: string }
  | { readonly type: 'give-up'; readonly reason: string };

export interface SendFailure {
  readonly reason: string;
  /** The platform refused the message: it did not arrive, and never will. */
  readonly isRefusal?: boolean;
  /** Default: `sendBackoffMs`. */
  readonly waitMs?: number | undefined;
}

/** Why something was given up that could not be handed over in that time; `reason`: how it failed last. */
export const givenUpWords = (reason: string, maxAgeMs: number): string => `${reason} (given up after ${maxAgeMs / HOUR_MS} hours)`;
const HOUR_MS = 60 * 60 * 1000;

/** Only a refusal is final: after any other failure the message may have arrived, and is sent again with its key. */
export const afterFailedSend = (
  item: Pick<PendingOutboxItem, 'attempts' | 'createdAt'>,
  failure: SendFailure,
  now: number,
  maxAgeMs: number = MAX_OUTBOX_AGE_MS,
): SendFailureStep => {
  const { reason, isRefusal = false, waitMs = sendBackoffMs(item.attempts + 1) } = failure;
  if (isRefusal) return { type: 'give-up', reason };
  const dueAt = now + waitMs;
  if (dueAt - item.createdAt > maxAgeMs) return { type: 'give-up', reason: givenUpWords(reason, maxAgeMs) };
  return { type: 'postpone', dueAt, waitMs, reason };
};

/** Why an item is given up before it is sent again; undefined if it may be sent. */
export const whyTooOld = (item: PendingOutboxItem, startedAt: number, now: number): string | undefined =>
  mayHaveArrived(item, startedAt) && now - item.createdAt > MAX_OUTBOX_AGE_MS
    ? givenUpWords(item.lastError ?? 'it may have arrived', MAX_OUTBOX_AGE_MS)
    : undefined;
