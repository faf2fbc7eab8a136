import type { ChatId, MessageId } from '../chat/ids.ts';
import type { FactId } from '../recall/fact.ts';

/** What is remembered and forgotten, by its numbers: an event holds nothing of what was said. */
export type RecallEvent =
  | {
      readonly type: 'fact-remembered';
      readonly factId: FactId;
      readonly chatId: ChatId;
      readonly about: 'workspace' | 'person';
      /** The message that says it. */
      readonly messageId?: MessageId;
    }
  | { readonly type: 'fact-forgotten'; readonly factId: FactId; readonly chatId: ChatId; readonly by: 'turn' | 'command' }
  | {
      readonly type: 'link-saved';
      readonly chatId: ChatId;
      /** The message that is nothing but links. Absent: a turn saves them. */
      readonly messageId?: MessageId;
      readonly by: 'turn' | 'message';
      /** How many links; those that were saved before count, too. */
      readonly count: number;
    }
  | { readonly type: 'link-forgotten'; readonly chatId: ChatId }
  /** What was kept of a person is erased; `rows` says how much. */
  | { readonly type: 'person-forgotten'; readonly rows: number };
