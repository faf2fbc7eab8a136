import type { ChatId } from '../../domain/chat/ids.ts';
import type { PromiseId, SettledPromise } from '../../domain/promise/promise.ts';

/** Whether outcomes have reached their chats. */
export interface PromiseDelivery {
  /** Records that a settled promise's outcome reached its chat. MUST NOT count as a change of version. */
  markDelivered(id: PromiseId, at: number): Promise<void>;
  /**
   * Settled promises of that chat whose outcome could not be delivered: the outbox has a failed item for them, and no
   * pending one. Sorted by id.
   */
  lostOutcomes(chatId: ChatId, limit: number): Promise<readonly SettledPromise[]>;
  /**
   * How many settled promises have an outcome that did not reach its chat: the outbox has an item for it that was
   * stored before `storedBefore` and waits, or was given up after `failedAfter`. Counts no further than `limit`.
   */
  countUndelivered(query: { readonly storedBefore: number; readonly failedAfter: number; readonly limit: number }): Promise<number>;
}
