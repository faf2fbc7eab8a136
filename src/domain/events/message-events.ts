import type { Decider } from '../approval/approval.ts';
import type { ChatId, MessageId, UserId } from '../chat/ids.ts';
import type { AccessRule } from '../message/access.ts';
import type { Verdict } from '../message/inbox-message.ts';
import type { ResponseRule } from '../message/response.ts';
import type { PairingStatus } from '../pairing/pairing.ts';

interface AboutMessage {
  readonly chatId: ChatId;
  readonly messageId: MessageId;
}

/** A message on its way in: received, changed, deleted, denied. */
export type MessageEvent =
  | (AboutMessage & {
      readonly type: 'message-received';
      readonly rule: AccessRule | ResponseRule;
      readonly path: string;
      /** Absent while the message waits for its turn. */
      readonly verdict?: Verdict['kind'];
    })
  | (AboutMessage & {
      readonly type: 'message-repeated';
      /** The repeat had another text, and came after the verdict. */
      readonly isEdit: boolean;
    })
  | (AboutMessage & {
      readonly type: 'message-edited';
      /**
       * `waiting`: its new text is answered. `reopened`: it asks for an answer now. `corrected`: memory has the new
       * text.
       */
      readonly effect: 'waiting' | 'reopened' | 'corrected';
    })
  | (AboutMessage & {
      readonly type: 'message-denied';
      readonly senderId: UserId;
      readonly username?: string;
      readonly rule: AccessRule | 'edited-by-another';
      readonly path: string;
      /** `turn`: it was allowed when it came, and is not any more when its turn begins. */
      readonly at: 'arrival' | 'turn';
    })
  | { readonly type: 'pairing-offered'; readonly chatId: ChatId; readonly userId: UserId }
  | { readonly type: 'pairing-decided'; readonly userId: UserId; readonly status: PairingStatus; readonly by: Decider }
  | (AboutMessage & { readonly type: 'person-over-rate'; readonly senderId: UserId; readonly perMinute: number })
  | (AboutMessage & {
      readonly type: 'message-deleted';
      /** `part`: the rest of it stays. `forgotten`: it had its verdict. `unanswered`: it waited for its turn. */
      readonly effect: 'part' | 'forgotten' | 'unanswered';
    })
  | (AboutMessage & { readonly type: 'replied-message-unread'; readonly reason: string })
  | {
      readonly type: 'inbound-retried';
      /** What a gateway handed over, and could not be stored. */
      readonly what: 'message' | 'deletion' | 'move' | 'attachments';
      readonly chatId?: ChatId;
      readonly failures: number;
      readonly reason: string;
      readonly error: unknown;
    }
  | (AboutMessage & {
      readonly type: 'attachments-fetched';
      /** Attachments that the text of the message says something of. */
      readonly count: number;
      readonly durationMs: number;
    })
  | (AboutMessage & {
      readonly type: 'attachments-failed';
      readonly failures: number;
      /** No repeat follows: the message is answered without its files. */
      readonly isOver: boolean;
      readonly reason: string;
      readonly error: unknown;
    })
  | { readonly type: 'denied-messages-purged'; readonly count: number }
  | { readonly type: 'request-keys-purged'; readonly count: number }
  | { readonly type: 'chat-moved'; readonly from: ChatId; readonly to: ChatId }
  | {
      readonly type: 'chat-outdated';
      readonly from: ChatId;
      readonly to: ChatId;
      readonly workspace: string;
      /** What to change in the configuration. */
      readonly advice: string;
    };
