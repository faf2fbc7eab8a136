import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { OutboxDraft, OutboxId, OutboxItem, PendingOutboxItem } from '../../domain/outbox/outbox.ts';

/** Messages to send, stored with the decision that caused them. */
export interface OutboxStore {
  /** Due at once. MUST resolve to false, and store nothing, when `dedupeKey` was ever used. */
  add(draft: OutboxDraft): Promise<boolean>;
  /** `add` for many, in that order; resolves to what it says of each. */
  addMany(drafts: readonly OutboxDraft[]): Promise<readonly boolean[]>;
  get(id: OutboxId): Promise<OutboxItem | undefined>;
  /**
   * The oldest pending item of each chat, where it is due at `now`; at most `limit`, lowest id first.
   * MUST leave a chat out while its oldest pending item is not due: messages of one chat never overtake each other.
   */
  due(now: number, limit: number): Promise<readonly PendingOutboxItem[]>;
  /** When the earliest chat's oldest pending item is due; undefined when nothing is pending. */
  nextDueAt(): Promise<number | undefined>;
  /** Whether anything still waits to be sent to that chat. */
  hasPending(chatId: ChatId): Promise<boolean>;
  /** These three change a pending item only; anything else MUST reject with PortError `concurrency`. */
  markSent(id: OutboxId, sentMessageId: MessageId | undefined, at: number): Promise<void>;
  /** Counts one attempt, to be made again at `dueAt`. */
  postpone(id: OutboxId, dueAt: number, lastError: string): Promise<void>;
  giveUp(id: OutboxId, at: number, lastError: string): Promise<void>;
  /** Every item that answers that message, oldest first. */
  answering(chatId: ChatId, messageId: MessageId): Promise<readonly OutboxItem[]>;
  /** The item that became that message; undefined for a message that no item is known to have become. */
  sentAs(chatId: ChatId, messageId: MessageId): Promise<OutboxItem | undefined>;
  stats(): Promise<Readonly<Record<OutboxItem['status'], number>>>;
}
