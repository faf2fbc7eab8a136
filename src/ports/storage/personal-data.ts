import type { Chat } from '../../domain/chat/chat.ts';
import type { ChatId, MessageId, UserId } from '../../domain/chat/ids.ts';
import type { FetchedAttachment } from '../../domain/message/attachment.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';
import type { ScheduleId } from '../../domain/promise/schedule.ts';
import type { Echo } from '../../domain/recall/echo.ts';

/** What is kept of a person: how much of each kind, by its name in the plural. What there is none of is left out. */
export type PersonalCounts = Readonly<Record<string, number>>;

/** The files that a message of a person brought, and where its chat keeps them. */
export interface PersonalFiles {
  readonly chat: Pick<Chat, 'id' | 'kind'>;
  readonly username?: string;
  readonly files: readonly Pick<FetchedAttachment, 'path'>[];
}

/** What is kept of a person. */
export interface PersonalSurvey {
  readonly counts: PersonalCounts;
  /** Of theirs, and those of others whose description repeats their words: those that have not settled. */
  readonly promises: readonly PromiseId[];
  /** The same: those that have not ended. */
  readonly schedules: readonly ScheduleId[];
  /** Of these promises, settled or not, those of which a worker holds the lease. */
  readonly leased: readonly PromiseId[];
  /** Each, and each part of those that came together as one. */
  readonly messages: readonly { readonly chatId: ChatId; readonly messageId: MessageId }[];
  readonly files: readonly PersonalFiles[];
  /** Runs and approvals of others that repeat their words and stay, because they are still worked on. */
  readonly underWay: number;
  /** How they are called. */
  readonly names: readonly string[];
}

/** One thing that is kept, for an export: its kind, and what is known of it. */
export type ExportedRecord = Readonly<{ kind: string } & Record<string, unknown>>;

/** What one storage keeps of one person: looked through, handed out, and erased. */
export interface PersonalData {
  /** Knows the words of the person that the storage has now. What others wrote themselves is not among them. */
  echoOf(person: UserId): Promise<Echo>;
  /** What `erase` would erase. Reads only. */
  survey(person: UserId, echo: Echo): Promise<PersonalSurvey>;
  /** Takes what is to be done from these promises, so that their end tells none of it to a chat. */
  silence(promises: readonly PromiseId[]): Promise<void>;
  /**
   * Erases the words of the person: what they said, what was made of it, and what repeats it. Messages of theirs stay
   * as deleted ones without content, so that a gateway that brings them again changes nothing. What other people wrote
   * themselves MUST stay, and so MUST the audit log, which holds ids and numbers. MUST be repeatable: a second call
   * erases what came between. Resolves to how much was erased.
   */
  erase(person: UserId, echo: Echo, at: number): Promise<PersonalCounts>;
  /**
   * Has the engine write over what was erased: afterwards its files hold none of it. Resolves to where it stays beyond
   * the reach of this process, and until when, in sentences for people.
   */
  scrub(): Promise<readonly string[]>;
  /** What is kept of a person, or of a chat, kind after kind; a page of rows is in memory at a time. */
  records(subject: { readonly person: UserId } | { readonly chatId: ChatId }): AsyncIterable<ExportedRecord>;
}
