import type { MessageId } from '../../domain/chat/ids.ts';
import type { WordQuery } from '../../domain/conversation/words.ts';
import type { Fact, FactId } from '../../domain/recall/fact.ts';
import type { Link } from '../../domain/recall/link.ts';
import type { Refusal, Result } from '../../domain/shared/result.ts';
import type { Provenance } from '../../domain/trust/labels.ts';
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
  /** Where it comes from. Absent: that is not known. */
  readonly provenance?: Provenance;
}

/**
 * Finds what people and the agent said in the chat of that run, also before its conversation was forgotten. Rejects
 * with PortError.
 */
export type SearchHistory = (text: string, context: Pick<ToolContext, 'chatId' | 'chatKind'>) => Promise<Found<Said>>;

/**
 * Remembers what the person of that run says, with its turn: about the workspace where there is one, else about that
 * person. Rejects with PortError.
 */
export type DraftFact = (
  request: {
    readonly text: string;
    readonly about: 'workspace' | 'person';
    /** The message that says it. Absent: the last one; where several people wrote, it must be named. */
    readonly messageId?: MessageId;
  },
  context: ToolContext,
) => Promise<Result<Fact, Refusal<'fact/not-here' | 'fact/too-many' | 'fact/who'>>>;

/** Finds what is remembered and seen from that run, the newest first; without words, all of it. */
export type RecallFacts = (text: string, context: ToolContext) => Promise<{ readonly found: readonly Fact[]; readonly total: number }>;

/** Forgets a fact that is seen from that run, with its turn. */
export type DraftForgetting = (id: FactId, context: ToolContext) => Promise<Result<Fact, Refusal<'fact/not-here' | 'fact/not-found'>>>;

/** Saves a link with the turn of that run. */
export type DraftLink = (
  request: {
    readonly url: string;
    readonly note?: string;
    /** The message that asks for it. Absent: the last one; where several people wrote, it must be named. */
    readonly messageId?: MessageId;
  },
  context: ToolContext,
) => Promise<Result<Link, Refusal<'link/not-here' | 'link/invalid' | 'link/too-many' | 'link/who'>>>;

/** Finds links of the workspace of that run, else of its room; without words, the newest. */
export type SearchLinks = (text: string, context: Pick<ToolContext, 'scope' | 'chatId'>) => Promise<Found<Link>>;
