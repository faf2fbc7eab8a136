import type { RunStep } from '../../domain/agent/run-step.ts';
import type { UsageSum } from '../../domain/budget/ledger.ts';
import type { Chat } from '../../domain/chat/chat.ts';
import type { ChatId, MessageId, UserId } from '../../domain/chat/ids.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import type { OutboxId, OutboxItem } from '../../domain/outbox/outbox.ts';
import type { AgentPromise, PromiseId, PromiseStatus } from '../../domain/promise/promise.ts';
import type { RightsIn, RightVerdict } from '../../domain/rights/rights-in.ts';
import type { Refusal, Result } from '../../domain/shared/result.ts';
import type { ApprovePairing, ListPairings, RevokePairing } from './pairing.ts';

/** What the page and programs are told of, one by one, when it changes. */
export type DeskTopic = 'promises' | 'approvals' | 'schedules' | 'alerts' | 'health' | 'chats' | 'log';

/**
 * Calls the listener with each topic of which something has changed, in this process or another, at most once a second.
 * It is a hint, and may come without a change: the listener reads the state itself. Returns a function that ends it.
 */
export type WatchDesk = (listener: (topic: DeskTopic) => void) => () => void;

export interface ListedChat {
  readonly chat: Chat;
  /** The name of the workspace that it belongs to. */
  readonly workspace?: string;
  /** What came last. */
  readonly last: InboxMessage;
  /** When something was last said, by whomever. In ms since 1970. */
  readonly lastAt: number;
  /** How many of its promises have not settled. */
  readonly openPromises: number;
}

export interface ChatsPage {
  readonly chats: readonly ListedChat[];
  /** How many there are that match, of those that were looked at. */
  readonly total: number;
  /** Whether there are more chats than are looked at. */
  readonly isCut: boolean;
}

/** The chats of every gateway, the latest first. `text` stands in the title, the id or the workspace. */
export type ListChats = (query: {
  readonly text?: string;
  /** Only chats that stand behind that one. */
  readonly behind?: { readonly lastAt: number; readonly chatId: ChatId };
  readonly limit: number;
}) => Promise<ChatsPage>;

export type ConversationItem =
  | { readonly kind: 'message'; readonly at: number; readonly message: InboxMessage }
  | { readonly kind: 'reply'; readonly at: number; readonly reply: OutboxItem };

/** Where earlier entries begin. */
export interface ConversationPlace {
  readonly beforeMessage?: MessageId;
  readonly beforeReply?: OutboxId;
}

export interface ConversationPage {
  /** Oldest first. */
  readonly entries: readonly ConversationItem[];
  /** Present where there may be earlier ones. */
  readonly earlier?: ConversationPlace;
}

/** What came from a chat, and what was said to it: the newest, or those before a place. */
export type ReadConversation = (
  query: { readonly chatId: ChatId; readonly limit: number } & ConversationPlace,
) => Promise<ConversationPage>;

/** What is absent does not narrow the list. */
export interface PromisesPageQuery {
  readonly chatId?: ChatId;
  readonly statuses?: readonly PromiseStatus[];
  readonly workspace?: string;
  readonly agent?: string;
  /** Stands in the description, in whatever case. */
  readonly text?: string;
  readonly before?: PromiseId;
  readonly limit: number;
}

export interface PromisesPage {
  /** Newest first. */
  readonly promises: readonly AgentPromise[];
  /** The `before` of the next page. Absent: this was the last one. */
  readonly next?: PromiseId;
}

/** A search may come back with few promises, or none, and still have a next page: each looks at so many at the most. */
export type PagePromises = (query: PromisesPageQuery) => Promise<PromisesPage>;

/** All that is known of a promise. */
export interface PromiseDetail {
  readonly promise: AgentPromise;
  /** Oldest first; of its newest runs. */
  readonly steps: readonly RunStep[];
  readonly cost: UsageSum;
  /** What was said of it to its chat, oldest first. */
  readonly told: readonly OutboxItem[];
  /** What it waits for, or waited for. */
  readonly parents: readonly AgentPromise[];
  /** What waits for it. */
  readonly children: readonly AgentPromise[];
}

export type TellPromise = (id: PromiseId) => Promise<PromiseDetail | undefined>;

/** Somebody whom the configuration names, or whom an owner has let in. */
export interface NamedHere {
  /** What `tellAccess` takes. */
  readonly subject: string;
  readonly id?: UserId;
  readonly name?: string;
  readonly username?: string;
  /** Where that stands: a place of the configuration, or `pairing`. */
  readonly path: string;
}

export interface WorkspaceHere {
  readonly name: string;
  readonly chatIds: readonly ChatId[];
  readonly directory: string;
}

export interface PeopleHere {
  readonly people: readonly NamedHere[];
  readonly workspaces: readonly WorkspaceHere[];
}

/** What somebody may do in a place, or what somebody may do there. */
export interface AccessIn extends RightsIn {
  /** The place, or the person. */
  readonly of: string;
  readonly directory?: string;
}

export interface AccessTold extends RightVerdict {
  readonly subject: string;
  readonly places: readonly AccessIn[];
}

/** Everybody who is named, and every workspace. */
export type ListPeople = () => Promise<PeopleHere>;
/** What a person, chat or workspace may do, and by which rule. Nothing is asked or changed. */
export type TellAccess = (subject: string) => Promise<Result<AccessTold, Refusal>>;

/** What an operator looks at, and what is done there. Each may reject with PortError. Absent: it is not offered. */
export interface Desk {
  watchDesk: WatchDesk;
  listChats: ListChats;
  readConversation: ReadConversation;
  pagePromises: PagePromises;
  tellPromise: TellPromise;
  listPeople: ListPeople;
  tellAccess: TellAccess;
  listPairings: ListPairings;
  approvePairing: ApprovePairing;
  revokePairing: RevokePairing;
}
