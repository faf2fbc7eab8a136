import type { TlObject } from '../tl/value.ts';

/** What follows `auth.sentCodeType` in the schema. */
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
  /** A bot's token; the real form is `<id>:<35 letters>`, and any text does here. */
  readonly token?: string;
  readonly phone?: string;
  /** A telephone that nobody has made an account with yet. */
  unregistered?: boolean;
  /** How its login codes come, the next one at each wish for another; in the app alone where nothing is said. */
  loginBy?: readonly CodeKind[];
  /** The second factor of the login. */
  password?: string;
  /** What every call of this account is answered: USER_DEACTIVATED_BAN, … */
  refusedWith?: string;
  /** Where the account lives; other data centres answer `…_MIGRATE_<this>`. */
  readonly dcId?: number;
  /**
   * For a bot: whether its privacy mode is on, so that in groups it sees commands, mentions and replies to it alone.
   */
  readonly privacyMode: boolean;
  /** For a bot: whether its private chats have topics, as @BotFather switches them on. */
  readonly hasTopics?: boolean;
  /** Bots that this person has stopped. */
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
  /** The service message that created it: the topic has this message's id. General has no such message, and has id 1. */
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
  /** A channel: admins post, and the channel itself is the author. It has the ids of supergroups. */
  readonly broadcast?: boolean;
  /** The topics of a forum, General first; undefined where the group is no forum. */
  topics?: Topic[];
  /** As Telegram's objects carry it. */
  readonly id: number;
  /** `-id` for a basic group, `-100…id` for a supergroup. */
  readonly markedId: number;
  title: string;
  readonly username?: string;
  readonly date: number;
  readonly members: Map<number, Member>;
  /** All where it is absent. */
  allowedReactions?: readonly string[];
  /** Of a supergroup: its own counters and log, as each supergroup numbers its messages by itself. */
  readonly log: Log;
  /** The channel whose posts arrive here to be discussed; by its marked id. */
  discusses?: number;
  /** The supergroup that a basic group has become. */
  migratedTo?: Group;
  /**
   * What Telegram answers then to whoever acts in the old group: `PEER_ID_INVALID`, as seen in the field, or another of
   * its errors.
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
  /** The marked id of the group that it shows as its sender. */
  readonly inNameOf?: number;
  /** Seconds since 1970. */
  readonly date: number;
  text: string;
  entities: readonly TlObject[];
  readonly replyTo?: Message;
  /**
   * The message that its thread starts with: the one that created its topic, the post that it comments on, or the first
   * message of a chain of replies in a supergroup.
   */
  readonly thread?: Message;
  readonly forward?: TlObject;
  /** The post of a channel that Telegram itself has forwarded here, to be discussed. */
  readonly forwardOf?: Message;
  readonly media?: TlObject;
  readonly groupedId?: bigint;
  readonly silent: boolean;
  readonly mentioned?: false;
  readonly action?: TlObject;
  readonly randomId?: bigint;
  editDate?: number;
  /** When it last changed without saying anything else: a reaction, a keyboard, a preview, … */
  hiddenEditDate?: number;
  deleted: boolean;
  readonly reactions: Map<number, readonly TlObject[]>;
  /** Its number in each log that it stands in. */
  readonly ids: Map<Log, number>;
}

/** Something that moved the pts of a log, to be told live and again in a difference. */
export interface LoggedEvent {
  readonly pts: number;
  readonly count: number;
  readonly date: number;
  /** Set for a new message: a difference lists these apart. */
  readonly message?: Message;
  /** The message that it changes: whoever does not see it is not told. */
  readonly changes?: Message;
  /** The update as this user sees it. */
  update(viewer: User): TlObject;
}

/** A numbered box of messages: a user's (direct messages and basic groups), or a supergroup's. */
export interface Log {
  pts: number;
  nextMessageId: number;
  readonly messages: Map<number, Message>;
  /** What was there once. */
  readonly deleted: Map<number, Message>;
  readonly events: LoggedEvent[];
}

export const makeLog = (): Log => ({ pts: 1, nextMessageId: 1, messages: new Map(), deleted: new Map(), events: [] });

export interface Mailbox extends Log {
  qts: number;
  seq: number;
  readonly qtsEvents: { readonly qts: number; readonly update: TlObject }[];
  /** Users that this one was told of with all that it takes to address them. */
  readonly known: Set<number>;
  /** Up to which id each chat was read, by marked id. */
  readonly read: Map<number, number>;
  /** Up to which id each thread was read, by the message that it starts with. */
  readonly readThreads: Map<Message, number>;
}

export interface StoredFile {
  readonly id: bigint;
  readonly content: Buffer;
  readonly kind: 'document' | 'photo';
  fileReference: Buffer;
}

/** An update on its way to every session of one user, except the one whose own call made it. */
export interface Push {
  readonly userId: number;
  readonly updates: TlObject;
  readonly origin?: object;
}

export interface WorldState {
  readonly users: Map<number, User>;
  readonly groups: Map<number, Group>;
  readonly mailboxes: Map<number, Mailbox>;
  readonly files: Map<bigint, StoredFile>;
  /** The topics of private chats with bots, by the ids of both sides, the lower one first. */
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

/** Where this user finds the messages of the chat. */
export const logOf = (state: WorldState, chat: Chat, viewerId: number): Log =>
  chat.kind === 'supergroup' ? chat.log : mailboxOf(state, viewerId);

/** Whose logs a message of this chat goes to; for a supergroup, who is told of it. */
export const participants = (chat: Chat): readonly number[] => (chat.kind === 'dm' ? [...new Set(chat.users)] : [...chat.members.keys()]);

/** The other end of the chat as this user marks it. */
export const markedIdFor = (chat: Chat, viewerId: number): number =>
  chat.kind !== 'dm' ? chat.markedId : chat.users[0] === viewerId ? chat.users[1] : chat.users[0];

export const groupOf = (state: WorldState, markedId: number): Group => {
  const group = state.groups.get(markedId);
  if (!group) throw new Error(`there is no group ${markedId}`);
  return group;
};

/** The chat between this user and what the marked id names. */
export const chatOf = (state: WorldState, viewerId: number, markedId: number): Chat => {
  if (markedId > 0) return { kind: 'dm', users: [viewerId, userOf(state, markedId).id] };
  return groupOf(state, markedId);
};

/** What a message is numbered in this user's eyes. */
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
 * Bots never see what other bots write, nor, in privacy mode, what is not for them, unless they are admins
 * (https://core.telegram.org/bots/features#privacy-mode).
 */
export const sees = (state: WorldState, message: Message, viewer: User): boolean => {
  if (!viewer.isBot || message.from === viewer.id || message.chat.kind === 'dm') return true;
  if (state.users.get(message.from)?.isBot) return false;
  if (!viewer.privacyMode || message.chat.members.get(viewer.id)?.role !== 'member') return true;
  return message.action !== undefined || addresses(message, viewer);
};
