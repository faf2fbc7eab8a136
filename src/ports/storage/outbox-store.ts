import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { OutboxDraft, OutboxId, OutboxItem, PendingOutboxItem } from '../../domain/outbox/outbox.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';

/** Messages to send, stored with the decision that caused them. */
export interface OutboxStore {
  /** Stores a message that is due at once. MUST resolve to false, and store nothing, if `dedupeKey` was ever used. */
  add(draft: OutboxDraft): Promise<boolean>;
  /** Does what `add` does for each draft, in that order. Resolves to the result of each. */
  addMany(drafts: readonly OutboxDraft[]): Promise<readonly boolean[]>;
  get(id: OutboxId): Promise<OutboxItem | undefined>;
  /**
   * The oldest pending item of each chat, if it is due at `now`; at most `limit` items, lowest id first. MUST leave a
   * chat out while its oldest pending item is not due: messages of one chat never overtake each other.
   */
  due(now: number, limit: number): Promise<readonly PendingOutboxItem[]>;
  /** When `due` has its next item. Undefined if nothing is pending. */
  nextDueAt(): Promise<number | undefined>;
  /** Whether anything still waits to be sent to that chat. */
  hasPending(chatId: ChatId): Promise<boolean>;
  /** Marks a pending item as sent. MUST reject with PortError `concurrency` if the item is not pending. */
  markSent(id: OutboxId, sentMessageId: MessageId | undefined, at: number): Promise<void>;
  /**
   * Counts one failed attempt; the next one is due at `dueAt`. MUST reject with PortError `concurrency` if the item is
   * not pending.
   */
  postpone(id: OutboxId, dueAt: number, lastError: string): Promise<void>;
  /** Marks a pending item as failed. MUST reject with PortError `concurrency` if the item is not pending. */
  giveUp(id: OutboxId, at: number, lastError: string): Promise<void>;
  /** Every item that answers that message, oldest first. */
  answering(chatId: ChatId, messageId: MessageId): Promise<readonly OutboxItem[]>;
  /** The item with that `dedupeKey`, whatever its status. */
  named(dedupeKey: string): Promise<OutboxItem | undefined>;
  /** The item that was sent as that message. Undefined if there is none, or its message id is unknown. */
  sentAs(chatId: ChatId, messageId: MessageId): Promise<OutboxItem | undefined>;
  /** Every item that tells of that promise, oldest first; at most `limit`. */
  ofPromise(id: PromiseId, limit: number): Promise<readonly OutboxItem[]>;
  /** What was stored last for that chat, the last one first; with `before`, only items with a lower id. */
  newest(query: { readonly chatId: ChatId; readonly before?: OutboxId; readonly limit: number }): Promise<readonly OutboxItem[]>;
  stats(): Promise<Readonly<Record<OutboxItem['status'], number>>>;
  /** How many items of each gateway are pending. MUST leave out gateways without any. */
  pendingByGateway(): Promise<ReadonlyMap<string, number>>;
}
