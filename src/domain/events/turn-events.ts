import type { ChatId, MessageId } from '../chat/ids.ts';
import type { NotShown } from '../conversation/shown-files.ts';
import type { Turn, TurnId, Usage } from '../conversation/turn.ts';
import type { PromiseId } from '../promise/promise.ts';
import type { ScheduleId } from '../promise/schedule.ts';

/** A turn: an answer to the messages of a chat. */
export type TurnEvent =
  | {
      readonly type: 'turn-committed';
      readonly chatId: ChatId;
      readonly turnId: TurnId;
      readonly agent: string;
      readonly outcome: Exclude<Turn['outcome'], 'attempt'>;
      /** Why there is no answer; present where `outcome` is `failed`. */
      readonly reason?: string;
      readonly model?: string;
      readonly gate?: NonNullable<Turn['gate']>;
      readonly usage: Usage;
      readonly toolCalls: number;
      /** How many messages it settled. */
      readonly messages: number;
      readonly promises: readonly PromiseId[];
      readonly schedules: readonly ScheduleId[];
      readonly durationMs: number;
    }
  | {
      /** The files of a conversation, as its turn shows them to a model. */
      readonly type: 'files-shown';
      readonly chatId: ChatId;
      /** How many are shown, and their bytes. */
      readonly shown: number;
      readonly bytes: number;
      readonly notShown: readonly { readonly messageId?: MessageId; readonly path: string; readonly reason: NotShown['reason'] }[];
    }
  | { readonly type: 'turn-stopped'; readonly chatId: ChatId }
  | { readonly type: 'turn-restarted'; readonly chatId: ChatId; readonly reason: string }
  | {
      readonly type: 'turn-not-committed';
      readonly chatId: ChatId;
      readonly failures: number;
      readonly reason: string;
      readonly error: unknown;
    }
  | { readonly type: 'runs-purged'; readonly count: number }
  | { readonly type: 'turn-crashed'; readonly chatId: ChatId; readonly error: unknown }
  | {
      readonly type: 'conversation-summed-up';
      readonly chatId: ChatId;
      readonly model: string;
      /** How many entries the summary took in. */
      readonly entries: number;
      readonly usage: Usage;
    }
  | { readonly type: 'conversation-not-summed-up'; readonly chatId: ChatId; readonly reason: string }
  | {
      readonly type: 'outcomes-resurfaced';
      readonly chatId: ChatId;
      readonly turnId: TurnId;
      readonly promises: readonly PromiseId[];
    }
  | {
      readonly type: 'usage-not-stored';
      readonly chatId: ChatId;
      readonly promiseId?: PromiseId;
      readonly usage: Usage;
      readonly reason: string;
    };
