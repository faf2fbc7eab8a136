import type { ChatId } from '../../domain/chat/ids.ts';
import type { PromiseId, SettledPromise } from '../../domain/promise/promise.ts';

/** Whether outcomes have reached their chats. */
export interface PromiseDelivery {
  /** Records that a settled promise's outcome reached its chat. MUST NOT count as a change of version. */
  markDelivered(id: PromiseId, at: number): Promise<void>;
  /**
   * Settled promises of that chat whose outcome was given up: the outbox holds a failed item of theirs, and no pending
   * one. In the order of their ids.
   */
  lostOutcomes(chatId: ChatId, limit: number): Promise<readonly SettledPromise[]>;
}
