import { present } from '../../../../src/domain/shared/present.ts';
import type { TlObject } from '../tl/value.ts';
import { type Draft, edit, editHidden, post, react, remove, showAction } from './actions.ts';
import { deliverPin, deliverPreview, numbered, push, short } from './deliver.ts';
import { documentMedia, photoMedia, storeFile } from './files.ts';
import {
  type CodeKind,
  chatOf,
  type Group,
  groupOf,
  logOf,
  type Member,
  type Message,
  mailboxOf,
  makeLog,
  markedGroupId,
  markedIdFor,
  messageIdFor,
  type User,
  userOf,
  type WorldState,
} from './state.ts';

export interface NewUser {
  readonly id: number;
  readonly username?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly isBot?: boolean;
  readonly token?: string;
  readonly phone?: string;
  readonly password?: string;
  readonly unregistered?: boolean;
  readonly loginBy?: readonly CodeKind[];
  readonly dcId?: number;
  readonly privacyMode?: boolean;
}

export interface NewGroup {
  /** As Telegram's objects carry it, without mark; of a supergroup, at least ten digits. */
  readonly id: number;
  readonly title: string;
  readonly username?: string;
  /** The first one is the creator. */
  readonly members: readonly number[];
}

/** A file that somebody sends along. */
export type MediaDraft =
  | { readonly document: Buffer; readonly name: string; readonly mimeType?: string }
  | { readonly photo: Buffer }
  | { readonly voice: Buffer; readonly seconds: number };

export interface NewMessage {
  readonly from: number;
  /** The marked id of the chat as `from` sees it: the other person, `-id` of a basic group, `-100…` of a supergroup. */
  readonly chat: number;
  readonly text?: string;
  readonly entities?: readonly TlObject[];
  /** The group, by its marked id, that is shown as the sender: the chat itself where an admin is anonymous. */
  readonly inNameOf?: number;
  readonly replyTo?: Message;
  /**
   * It is a post of the channel that the group discusses, brought here by Telegram itself; `inNameOf` names the
   * channel.
   */
  readonly isPost?: true;
  /** Forwards this message: its text and media, with its author. */
  readonly forward?: Message;
  readonly media?: MediaDraft;
  /** The same for all messages of one album. */
  readonly album?: bigint;
  /** A service message, such as `{ _: 'messageActionPinMessage' }`. */
  readonly action?: TlObject;
  readonly silent?: boolean;
  /** Nobody is told that it mentions them. */
  readonly mentioned?: false;
  /** Seconds since 1970: for messages that come late. */
  readonly date?: number;
}

/** Everybody and everything on the other side of the wire. Ids of chats are marked ids throughout. */
export interface World {
  readonly state: WorldState;
  addUser(user: NewUser): User;
  addGroup(group: NewGroup): Group;
  addSupergroup(group: NewGroup): Group;
  /**
   * A basic group becomes a supergroup with the same members (https://core.telegram.org/api/channel#migration): each is
   * told by a service message in either. The old group's messages stay where they are; nothing more happens in it.
   */
  migrate(groupId: number, into: { readonly id: number; readonly refusedAs?: string }): Group;
  /** Adds a member, or changes one. */
  setMember(groupId: number, userId: number, change?: { readonly role?: Member['role']; readonly canWrite?: boolean }): void;
  removeMember(groupId: number, userId: number): void;
  /** Everybody who knows the person and is there is told. */
  rename(userId: number, change: { readonly username?: string | undefined; readonly firstName?: string }): void;
  /** The person stops the bot, or starts it again. */
  setBlocked(personId: number, botId: number, blocked: boolean): void;
  sendMessage(message: NewMessage): Message;
  editMessage(message: Message, text: string, entities?: readonly TlObject[]): void;
  deleteMessages(...messages: readonly Message[]): void;
  /** The message changes, and says the same: its keyboard, its preview, a restriction of it, … */
  editHidden(message: Message): void;
  pin(message: Message): void;
  /** The page that it links to can be shown by now. */
  preview(message: Message): void;
  /** Which reactions a group allows; all of them without a list. */
  allowReactions(groupId: number, emoji?: readonly string[]): void;
  react(userId: number, message: Message, ...emoji: readonly string[]): void;
  type(userId: number, chat: number): void;
  /** What the message is numbered in this user's eyes. */
  messageId(message: Message, viewerId: number): number;
  /** The messages of a chat as this user has them, oldest first. */
  history(viewerId: number, chat: number): readonly Message[];
  /** The message with this id as this user numbers it. */
  message(viewerId: number, chat: number, id: number): Message | undefined;
  /**
   * Begins the numbers of a stream anew, lower: a person's or bot's own by its id, a supergroup's by its marked id.
   * What was numbered before is in no difference any more. `told`: an account is told so, by `updatePtsChanged`.
   */
  renumber(id: number, anew: { readonly pts: number; readonly qts?: number; readonly seq?: number; readonly told?: boolean }): void;
  /** The login code that is sent to this telephone, in the app where no other way is named. */
  loginCode(phone: string, kind?: CodeKind): string;
  /** Makes every reference to a file that clients hold worthless, until they look up the message again. */
  expireFileReferences(): void;
}

export const LOGIN_CODE_LENGTH = 5;

export const makeWorld = ({ now = () => Math.floor(Date.now() / 1000), dcId = 2 }: { now?: () => number; dcId?: number } = {}): World => {
  const state: WorldState = { users: new Map(), groups: new Map(), mailboxes: new Map(), files: new Map(), listeners: new Set(), now };

  const addTo = (kind: Group['kind'], { id, title, username, members }: NewGroup): Group => {
    const member = (userId: number, at: number): [number, Member] => [
      userOf(state, userId).id,
      { userId, role: at === 0 ? 'creator' : 'member', canWrite: true, since: now() },
    ];
    const group: Group = {
      kind,
      id,
      markedId: markedGroupId(kind, id),
      title,
      date: now(),
      members: new Map(members.map(member)),
      log: makeLog(),
      ...(username ? { username } : {}),
    };
    state.groups.set(group.markedId, group);
    return group;
  };

  const mediaOf = (media: MediaDraft): TlObject => {
    if ('photo' in media) return photoMedia(state, storeFile(state, 'photo', media.photo), dcId);
    const document = (content: Buffer, mimeType: string, attribute: TlObject): TlObject =>
      documentMedia(state, storeFile(state, 'document', content), { mimeType, attributes: [attribute], dcId });
    return 'voice' in media
      ? document(media.voice, 'audio/ogg', { _: 'documentAttributeAudio', voice: true, duration: media.seconds })
      : document(media.document, media.mimeType ?? 'application/octet-stream', { _: 'documentAttributeFilename', fileName: media.name });
  };

  const draftOf = ({
    text = '',
    entities,
    inNameOf,
    replyTo,
    forward,
    isPost,
    media,
    album,
    action,
    silent,
    mentioned,
    date,
  }: NewMessage): Draft => {
    const sent = media ? mediaOf(media) : forward?.media;
    const quoted = entities ?? forward?.entities;
    return {
      text: forward?.text ?? text,
      ...(quoted ? { entities: quoted } : {}),
      ...present({ inNameOf }),
      ...(replyTo ? { replyTo } : {}),
      ...(isPost && inNameOf !== undefined ? { forward: postHeader(groupOf(state, inNameOf)) } : {}),
      ...(forward ? { forward: { _: 'messageFwdHeader', fromId: { _: 'peerUser', userId: forward.from }, date: forward.date } } : {}),
      ...(sent ? { media: sent } : {}),
      ...present({ groupedId: album, mentioned }),
      ...(action ? { action } : {}),
      ...present({ silent, date }),
    };
  };

  const postHeader = (channel: Group): TlObject => {
    const peer = { _: 'peerChannel', channelId: channel.id };
    return { _: 'messageFwdHeader', fromId: peer, channelPost: 1, savedFromPeer: peer, savedFromMsgId: 1, date: now() };
  };

  return {
    state,
    addUser: ({ isBot = false, privacyMode = false, firstName, ...rest }) => {
      const user: User = { ...rest, isBot, privacyMode, firstName: firstName ?? rest.username ?? `User ${rest.id}`, blocked: new Set() };
      state.users.set(user.id, user);
      mailboxOf(state, user.id);
      return user;
    },
    addGroup: (group) => addTo('group', group),
    addSupergroup: (group) => {
      /* Real ones have ten digits; clients take the mark of a shorter one for a basic group's. */
      if (group.id < 1_000_000_000) throw new Error(`${group.id} is too small for the id of a supergroup`);
      return addTo('supergroup', group);
    },
    migrate: (groupId, { id, refusedAs }) => {
      const old = groupOf(state, groupId);
      const [creator] = old.members.keys();
      if (old.kind !== 'group' || old.migratedTo || creator === undefined) throw new Error(`${groupId} can not become a supergroup`);
      const group = addTo('supergroup', { id, title: old.title, members: [] });
      for (const [userId, member] of old.members) group.members.set(userId, { ...member, since: now() });
      const author = userOf(state, creator);
      post(state, author, old, { text: '', action: { _: 'messageActionChatMigrateTo', channelId: group.id } });
      Object.assign(old, { migratedTo: group, ...present({ refusedAs }) });
      post(state, author, group, { text: '', action: { _: 'messageActionChannelMigrateFrom', title: old.title, chatId: old.id } });
      return group;
    },
    setMember: (groupId, userId, change = {}) => {
      const { members } = groupOf(state, groupId);
      const member = members.get(userId) ?? { userId: userOf(state, userId).id, role: 'member', canWrite: true, since: now() };
      members.set(userId, { ...member, ...change });
    },
    removeMember: (groupId, userId) => void groupOf(state, groupId).members.delete(userId),
    rename: (userId, change) => {
      const { firstName, lastName = '', username } = Object.assign(userOf(state, userId), change);
      const usernames = username === undefined ? [] : [{ _: 'username', active: true, editable: true, username }];
      const update = { _: 'updateUserName', userId: BigInt(userId), firstName, lastName, usernames };
      for (const viewer of state.users.values())
        if (mailboxOf(state, viewer.id).known.has(userId)) push(state, viewer, numbered(state, viewer, update));
    },
    setBlocked: (personId, botId, blocked) => {
      const set = userOf(state, personId).blocked;
      if (blocked) set.add(botId);
      else set.delete(botId);
    },
    sendMessage: (message) => post(state, userOf(state, message.from), chatOf(state, message.from, message.chat), draftOf(message)),
    editMessage: (message, text, entities = []) => edit(state, userOf(state, message.from), message, { text, entities }),
    deleteMessages: (...messages) => {
      const [first] = messages;
      if (first) remove(state, userOf(state, first.from), messages);
    },
    editHidden: (message) => editHidden(state, message),
    pin: (message) => deliverPin(state, message),
    preview: (message) => deliverPreview(state, message),
    allowReactions: (groupId, emoji) => {
      const group = groupOf(state, groupId);
      if (emoji) group.allowedReactions = emoji;
      else delete group.allowedReactions;
    },
    react: (userId, message, ...emoji) =>
      void react(
        state,
        userOf(state, userId),
        message,
        emoji.map((emoticon) => ({ _: 'reactionEmoji', emoticon })),
      ),
    type: (userId, chat) => showAction(state, userOf(state, userId), chatOf(state, userId, chat), { _: 'sendMessageTypingAction' }),
    messageId: (message, viewerId) => messageIdFor(state, message, viewerId),
    history: (viewerId, chat) => historyOf(state, viewerId, chat),
    message: (viewerId, chat, id) => {
      const log = logOf(state, chatOf(state, viewerId, chat), viewerId);
      return log.messages.get(id);
    },
    renumber: (id, { told = false, ...numbers }) => {
      const log = id > 0 ? mailboxOf(state, userOf(state, id).id) : groupOf(state, id).log;
      Object.assign(log, numbers).events.length = 0;
      if (told) push(state, userOf(state, id), short(state, { _: 'updatePtsChanged' }));
    },
    loginCode: (phone, kind = 'App') => {
      if (kind === 'SmsWord') return 'kestrel';
      if (kind === 'SmsPhrase') return 'quiet green river';
      const inApp = phone.replace(/\D/g, '').slice(-LOGIN_CODE_LENGTH);
      // Each way brings another one.
      return kind === 'App'
        ? inApp
        : String((Number(inApp) + kind.length * 1111) % 10 ** LOGIN_CODE_LENGTH).padStart(LOGIN_CODE_LENGTH, '0');
    },
    expireFileReferences: () => {
      for (const file of state.files.values()) file.fileReference = Buffer.concat([file.fileReference, Buffer.from([0])]);
    },
  };
};

/** The messages of a chat in this user's log, oldest first. */
export const historyOf = (state: WorldState, viewerId: number, markedId: number): readonly Message[] => {
  const log = logOf(state, chatOf(state, viewerId, markedId), viewerId);
  return [...log.messages.values()].filter(({ chat }) => markedIdFor(chat, viewerId) === markedId);
};
