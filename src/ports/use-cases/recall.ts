import type { MessageId } from '../../domain/chat/ids.ts';
import type { WordQuery } from '../../domain/conversation/words.ts';
import type { ToolContext } from '../tool.ts';

/** What a search found, the newest first. */
export interface Found<Item> {
  /** What was looked for, as it was understood. Without phrases, nothing can be found. */
  readonly query: WordQuery;
  readonly items: readonly Item[];
  /** Whether there is more than these. */
  readonly isMore: boolean;
}

/** Something that was said in a chat. */
export interface Said {
  /** In ms since 1970. */
  readonly at: number;
  /** A name that nobody else has there. Absent: the agent said it. */
  readonly by?: string;
  readonly text: string;
  /** Absent for what the agent said, and where the number no longer counts. */
  readonly messageId?: MessageId;
}

/**
 * Finds what people and the agent said in the chat of that run, also before its conversation was forgotten. Rejects
 * with PortError.
 */
export type SearchHistory = (text: string, context: Pick<ToolContext, 'chatId' | 'chatKind'>) => Promise<Found<Said>>;
