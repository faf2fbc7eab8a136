import type { ChatId, MessageId } from '../chat/ids.ts';
import type { OutboxId } from '../outbox/outbox.ts';
import type { PromiseId } from '../promise/promise.ts';

interface AboutItem {
  readonly outboxId: OutboxId;
  readonly chatId: ChatId;
}

/** What Kept sends and shows: outbox items, typing, drafts, progress. */
export type DeliveryEvent =
  | {
      /** A gateway was asked to send a message, once. */
      readonly type: 'gateway-called';
      readonly gateway: string;
      readonly chatId: ChatId;
      /** `limited`: the platform asks to wait. */
      readonly outcome: 'sent' | 'limited' | 'failed';
      /** The code of the PortError, or `unknown`; present where it failed. */
      readonly code?: string;
      readonly durationMs: number;
    }
  | (AboutItem & {
      readonly type: 'message-delivered';
      readonly promiseId?: PromiseId;
      /** Absent where delivery is certain but the message id is unknown. */
      readonly messageId?: MessageId;
      readonly attempts: number;
      /** From when the item was stored to when its delivery was known. */
      readonly durationMs: number;
    })
  | (AboutItem & { readonly type: 'delivery-retried'; readonly reason: string; readonly waitMs: number })
  | (AboutItem & { readonly type: 'delivery-abandoned'; readonly promiseId?: PromiseId; readonly reason: string })
  | (AboutItem & { readonly type: 'delivery-redirected'; readonly reason: string })
  | (AboutItem & {
      readonly type: 'delivery-not-recorded';
      readonly failures: number;
      readonly reason: string;
      readonly error: unknown;
    })
  | (AboutItem & { readonly type: 'gateway-crashed'; readonly reason: string; readonly error: unknown })
  | {
      readonly type: 'gateway-rate-limited';
      readonly gateway: string;
      readonly lane: string;
      /** Present where the limit is that of one chat. */
      readonly chatId?: ChatId;
      readonly seconds: number;
      readonly reason: string;
    }
  | {
      readonly type: 'presence-not-shown';
      readonly gateway: string;
      readonly lane: string;
      readonly chatId: ChatId;
      readonly reason: string;
      readonly error: unknown;
    }
  /** The platform does not let us pin the status there. */
  | { readonly type: 'status-not-pinned'; readonly chatId: ChatId }
  | {
      readonly type: 'progress-not-shown';
      readonly gateway: string;
      readonly chatId: ChatId;
      readonly messageId?: MessageId;
      readonly reason: string;
    };
