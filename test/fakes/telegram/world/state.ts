import type { TlObject } from '../tl/value.ts';
import type { LoginToken } from './login-tokens.ts';

/** The end of a constructor's name in the schema, after `auth.sentCodeType`. */
export type CodeKind =
  | 'App'
  | 'Sms'
  | 'SmsWord'
  | 'SmsPhrase'
  | 'FirebaseSms'
  | 'Call'
  | 'MissedCall'
  | 'EmailCode'
  | 'FragmentSms'
  | 'SetUpEmailRequired';

/** A person or a bot. Its marked id is its id. */
export interface User {
  readonly id: number;
  firstName: string;
  lastName?: string;
  username?: string;
  readonly isBot: boolean;
  /** The token of a bot. Real tokens are `<id>:<35 letters>`; here any text will do. */
  readonly token?: string;
  readonly phone?: string;
  /** A phone number without an account. */
  unregistered?: boolean;
  /** The ways of its login codes, in order: each request for another code takes the next. By default the app only. */
  loginBy?: readonly CodeKind[];
  /** The second factor of the login. */
  password?: string;
  /** The error of every call of this account: USER_DEACTIVATED_BAN, … */
  refusedWith?: string;
  /** The data centre of the account; others answer `…_MIGRATE_<this>`. */
  readonly dcId?: number;
  /**
   * For a bot: whether its privacy mode is on. In groups it then sees only commands, mentions and replies to it.
   */
  readonly privacyMode: boolean;
  /** For a bot: who may write to it beside its owner, where nobody else may. */
  accessList?: readonly number[];
  /** For a bot: whether its private chats have topics, as @BotFather switches them on. */
  hasTopics?: boolean;
  /** The bots that this person has blocked. */
  readonly blocked: Set<number>;
}

export interface Member {
  readonly userId: number;
  role: 'creator' | 'admin' | 'member';
  canWrite: boolean;
  readonly since: number;
}

/** A topic of a forum, or of a private chat with a bot. */
export interface Topic {
  readonly chat: Chat;
  /**
   * The service message that created it: the topic has this message's id. General has no such message, and has id 1.
   */
  readonly root?: Message;
  readonly from: number;
  /** Seconds since 1970. */
  readonly date: number;
  title: string;
  closed: boolean;
  /** Only General can be hidden. */
  hidden: boolean;
  deleted: boolean;
}

export interface Group {
  readonly kind: 'group' | 'supergroup';
  /** A channel: admins post, and the channel itself is the author. Its ids are like those of supergroups. */
  readonly broadcast?: boolean;
  /** The topics of a forum, General first; undefined where the group is no forum. */
  topics?: Topic[];
  /** The id in Telegram's objects. */
  readonly id: number;
  /** `-id` for a basic group, `-100…id` for a supergroup. */
  readonly markedId: number;
  title: string;
  readonly username?: string;
  readonly date: number;
  readonly members: Map<number, Member>;
  /** Absent: all are allowed. */
  allowedReactions?: readonly string[];
  /** The counters and log of a supergroup. Each supergroup numbers its messages by itself. */
  readonly log: Log;
  /** The channel whose posts arrive here to be discussed; by its marked id. */
  discusses?: number;
  /** The supergroup that a basic group has become. */
  migratedTo?: Group;
  /**
   * The error of calls in the old group then: by default `PEER_ID_INVALID`, as seen in the field.
   */
  refusedAs?: string;
}

export interface Dm {
  readonly kind: 'dm';
  readonly users: readonly [number, number];
}

export type Chat = Group | Dm;

export interface Message {
  readonly chat: Chat;
  readonly from: number;
  /** The marked id of the group that is shown as the sender. */
  readonly inNameOf?: number;
  /** Seconds since 1970. */
  readonly date: number;
  text: string;
  entities: readonly TlObject[];
  readonly replyTo?: Message;
  /**
   * The first message of its thread: the message that created its topic, the post that it comments on, or the start of
   * a chain of replies in a supergroup.
   */
  readonly thread?: Message;
  readonly forward?: TlObject;
  /** The post of a channel, where this is the copy that Telegram has forwarded to the discussion group. */
  readonly forwardOf?: Message;
  readonly media?: TlObject;
  /** The buttons below it. */
  markup?: TlObject;
  readonly groupedId?: bigint;
  readonly silent: boolean;
  readonly mentioned?: false;
  readonly action?: TlObject;
  readonly randomId?: bigint;
  editDate?: number;
  /** The date of the last change that left the text alone: a reaction, a keyboard, a preview, … */
  hiddenEditDate?: number;
  deleted: boolean;
  isPinned?: boolean;
  readonly reactions: Map<number, readonly TlObject[]>;
  /** Its id in each log that has it. */
  readonly ids: Map<Log, number>;
}

/** An event that moved the pts of a log. It is sent live, and again in a difference. */
export interface LoggedEvent {
  readonly pts: number;
  readonly count: number;
  readonly date: number;
  /** The new message, if it is one. A difference lists new messages apart. */
  readonly message?: Message;
  /** The message that it changes. Only users who see that message are told. */
  readonly changes?: Message;
  /** The update as this user sees it. */
  update(viewer: User): TlObject;
}

/** A numbered list of messages: of a user (direct messages and basic groups), or of a supergroup. */
export interface Log {
  pts: number;
  nextMessageId: number;
  readonly messages: Map<number, Message>;
  /** Deleted messages, by their old ids. */
  readonly deleted: Map<number, Message>;
  readonly events: LoggedEvent[];
}

export const makeLog = (): Log => ({ pts: 1, nextMessageId: 1, messages: new Map(), deleted: new Map(), events: [] });

export interface Mailbox extends Log {
  qts: number;
  seq: number;
  readonly qtsEvents: { readonly qts: number; readonly update: TlObject }[];
  /** The users whom this one has received with an access hash. */
  readonly known: Set<number>;
  /** The last read id of each chat, by marked id. */
  readonly read: Map<number, number>;
  /** The last read id of each thread, by its first message. */
  readonly readThreads: Map<Message, number>;
}

export interface StoredFile {
  readonly id: bigint;
  readonly content: Buffer;
  readonly kind: 'document' | 'photo';
  fileReference: Buffer;
}

/** An update for every session of one user, except the session whose own call caused it. */
export interface Push {
  readonly userId: number;
  readonly updates: TlObject;
  readonly origin?: object;
}

/** A tap of a button, until its bot has answered it. */
export interface Tap {
  readonly botId: number;
  /** Seconds since 1970. */
  readonly at: number;
  answer?: { readonly text?: string; readonly alert: boolean };
}

export interface WorldState {
  readonly users: Map<number, User>;
  readonly groups: Map<number, Group>;
  readonly mailboxes: Map<number, Mailbox>;
  readonly files: Map<bigint, StoredFile>;
  /** By their query ids. */
  readonly taps: Map<bigint, Tap>;
  /** The tokens of logins by QR code, in hexadecimal. */
  readonly loginTokens: Map<string, LoginToken>;
  /** The topics of private chats with bots, by the ids of both users, the lower one first. */
  readonly directTopics: Map<string, Topic[]>;
  readonly listeners: Set<(push: Push) => void>;
  /** Seconds since 1970. */
  now(): number;
}

const SUPERGROUP_MARK = 1_000_000_000_000;

export const markedGroupId = (kind: Group['kind'], id: number): number => (kind === 'group' ? -id : -SUPERGROUP_MARK - id);

export const userOf = (state: WorldState, id: number): User => {
  const user = state.users.get(id);
  if (!user) throw new Error(`there is no user ${id}`);
  return user;
};

export const mailboxOf = (state: WorldState, userId: number): Mailbox => {
  const known = state.mailboxes.get(userId);
  if (known) return known;
  const made: Mailbox = { ...makeLog(), qts: 1, seq: 1, qtsEvents: [], known: new Set([userId]), read: new Map(), readThreads: new Map() };
  state.mailboxes.set(userId, made);
  return made;
};

/** The log that holds the messages of the chat for this user. */
export const logOf = (state: WorldState, chat: Chat, viewerId: number): Log =>
  chat.kind === 'supergroup' ? chat.log : mailboxOf(state, viewerId);

/** The users whose logs record a message of this chat; for a supergroup, the users who are told of it. */
export const participants = (chat: Chat): readonly number[] => (chat.kind === 'dm' ? [...new Set(chat.users)] : [...chat.members.keys()]);

/** The marked id of the chat for this user. */
export const markedIdFor = (chat: Chat, viewerId: number): number =>
  chat.kind !== 'dm' ? chat.markedId : chat.users[0] === viewerId ? chat.users[1] : chat.users[0];

export const groupOf = (state: WorldState, markedId: number): Group => {
  const group = state.groups.get(markedId);
  if (!group) throw new Error(`there is no group ${markedId}`);
  return group;
};

/** The chat that the marked id names for this user. */
export const chatOf = (state: WorldState, viewerId: number, markedId: number): Chat => {
  if (markedId > 0) return { kind: 'dm', users: [viewerId, userOf(state, markedId).id] };
  return groupOf(state, markedId);
};

/** The id of a message for this user. */
export const messageIdFor = (state: WorldState, message: Message, viewerId: number): number => {
  const id = message.ids.get(logOf(state, message.chat, viewerId));
  if (id === undefined) throw new Error(`user ${viewerId} does not have this message`);
  return id;
};

const names = (message: Message, user: User): boolean =>
  message.entities.some((entity) => {
    if (entity._ === 'messageEntityMentionName') return Number(entity.userId) === user.id;
    if (entity._ !== 'messageEntityMention' && entity._ !== 'messageEntityBotCommand') return false;
    const at = Number(entity.offset);
    const named = message.text.slice(at, at + Number(entity.length)).split('@')[1];
    return (
      named?.toLowerCase() === user.username?.toLowerCase() || (entity._ === 'messageEntityBotCommand' && named === undefined && user.isBot)
    );
  });

/** Whether the message is addressed to the user: by mention, command or as a reply. */
export const addresses = (message: Message, user: User): boolean => message.replyTo?.from === user.id || names(message, user);

/**
 * Bots never see messages of other bots. In privacy mode they see only messages for them, unless they are admins
 * (https://core.telegram.org/bots/features#privacy-mode).
 */
export const sees = (state: WorldState, message: Message, viewer: User): boolean => {
  if (!viewer.isBot || message.from === viewer.id || message.chat.kind === 'dm') return true;
  if (state.users.get(message.from)?.isBot) return false;
  if (!viewer.privacyMode || message.chat.members.get(viewer.id)?.role !== 'member') return true;
  return message.action !== undefined || addresses(message, viewer);
};
