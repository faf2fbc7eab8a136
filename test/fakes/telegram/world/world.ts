import type { TlObject } from '../tl/value.ts';
import { edit, editHidden, post, react, remove, showAction } from './actions.ts';
import { deliverPin, deliverPreview, numbered, push, short } from './deliver.ts';
import { addGroup, forwardToDiscussion, migrate, type NewGroup } from './groups.ts';
import { historyOf } from './history.ts';
import { acceptLoginToken, tokenIn } from './login-tokens.ts';
import { draftOf, type NewMessage } from './new-message.ts';
import {
  type CodeKind,
  chatOf,
  type Group,
  groupOf,
  logOf,
  type Member,
  type Message,
  mailboxOf,
  messageIdFor,
  type Topic,
  type User,
  userOf,
  type WorldState,
} from './state.ts';
import { type NewTap, tap } from './taps.ts';
import { topicIdFor } from './threads.ts';
import { createTopic, deleteTopic, editTopic, makeForum, messagesOfTopic, type TopicChange } from './topics.ts';

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
  readonly hasTopics?: boolean;
}

/** The users, chats and messages behind the server. All chat ids are marked ids. */
export interface World {
  readonly state: WorldState;
  addUser(user: NewUser): User;
  addGroup(group: NewGroup): Group;
  addSupergroup(group: NewGroup): Group;
  /** A supergroup with topics; see `makeForum`. */
  addForum(group: NewGroup): Group;
  /** Switches on the topics of a supergroup: what was said so far is in General, whose id is 1. */
  makeForum(groupId: number): void;
  /** A channel: its creator posts in it, and its members read. */
  addChannel(channel: NewGroup): Group;
  /** The supergroup discusses the channel: new posts are forwarded there, and replies to them are comments. */
  discuss(groupId: number, channelId: number): void;
  /** `chat` is a forum, or the other user of a private chat with a bot that has topics. */
  createTopic(topic: { readonly from: number; readonly chat: number; readonly title: string }): Topic;
  /** Changes a topic as the user `by`, by default its creator. Returns the service message that tells of it. */
  editTopic(topic: Topic, change: TopicChange, by?: number): Message;
  /** Deletes the topic with its messages, as the user `by`, by default the creator of the group. */
  deleteTopic(topic: Topic, by?: number): void;
  /** The id of a topic for this user; 1 for General. */
  topicId(topic: Topic, viewerId: number): number;
  /** The messages of a topic as this user has them, oldest first, beginning with the one that created it. */
  messagesInTopic(topic: Topic, viewerId: number): readonly Message[];
  /**
   * Turns a basic group into a supergroup with the same members (https://core.telegram.org/api/channel#migration). A
   * service message in each group tells of it. The old messages stay in the old group, which takes no new ones.
   */
  migrate(groupId: number, into: { readonly id: number; readonly refusedAs?: string }): Group;
  /** Adds a member, or changes one. */
  setMember(groupId: number, userId: number, change?: { readonly role?: Member['role']; readonly canWrite?: boolean }): void;
  removeMember(groupId: number, userId: number): void;
  /** Renames a user, and tells everybody who knows them. */
  rename(userId: number, change: { readonly username?: string | undefined; readonly firstName?: string }): void;
  /** The person stops the bot, or starts it again. */
  setBlocked(personId: number, botId: number, blocked: boolean): void;
  /** The owner of the bot lets only these write to it, beside the owner. */
  restrictAccess(botId: number, userIds: readonly number[]): void;
  sendMessage(message: NewMessage): Message;
  editMessage(message: Message, text: string, entities?: readonly TlObject[]): void;
  deleteMessages(...messages: readonly Message[]): void;
  /** Changes something of the message that is not its text: its keyboard, its preview, a restriction, … */
  editHidden(message: Message): void;
  pin(message: Message): void;
  /** Adds the preview of the page that the message links to. */
  preview(message: Message): void;
  /** Sets the reactions that a group allows; without a list, it allows all. */
  allowReactions(groupId: number, emoji?: readonly string[]): void;
  react(userId: number, message: Message, ...emoji: readonly string[]): void;
  /**
   * A person taps a button, and its bot is told, if it is connected: nothing repeats a tap. `data` is that of a button,
   * or whatever a changed client sends. Returns the id of the query.
   */
  tap(tap: NewTap): bigint;
  /** Shows that a user types, in General or in that topic. */
  type(userId: number, chat: number, topic?: Topic): void;
  /** The id of the message for this user. */
  messageId(message: Message, viewerId: number): number;
  /** The messages of a chat as this user has them, oldest first. */
  history(viewerId: number, chat: number): readonly Message[];
  /** The message that has this id for this user. */
  message(viewerId: number, chat: number, id: number): Message | undefined;
  /**
   * Restarts the numbers of a stream from a lower value: that of an account by its id, that of a supergroup by its
   * marked id. No difference brings earlier events any more. With `told`, the account receives `updatePtsChanged`.
   */
  renumber(id: number, anew: { readonly pts: number; readonly qts?: number; readonly seq?: number; readonly told?: boolean }): void;
  /** The login code that is sent to this phone number, by default in the app. */
  loginCode(phone: string, kind?: CodeKind): string;
  /**
   * The person scans the QR code of a login, whose content is `link`, with an app that is logged in, and says yes
   * there. Throws Telegram's error.
   */
  scan(userId: number, link: string): void;
  /** Expires every file reference that clients hold, until they fetch the message again. */
  expireFileReferences(): void;
}

export const LOGIN_CODE_LENGTH = 5;

const loginCode = (phone: string, kind: CodeKind = 'App'): string => {
  if (kind === 'SmsWord') return 'kestrel';
  if (kind === 'SmsPhrase') return 'quiet green river';
  const inApp = phone.replace(/\D/g, '').slice(-LOGIN_CODE_LENGTH);
  // Each way of sending has its own code.
  return kind === 'App' ? inApp : String((Number(inApp) + kind.length * 1111) % 10 ** LOGIN_CODE_LENGTH).padStart(LOGIN_CODE_LENGTH, '0');
};

export const makeWorld = ({ now = () => Math.floor(Date.now() / 1000), dcId = 2 }: { now?: () => number; dcId?: number } = {}): World => {
  const state: WorldState = {
    users: new Map(),
    groups: new Map(),
    mailboxes: new Map(),
    taps: new Map(),
    loginTokens: new Map(),
    files: new Map(),
    directTopics: new Map(),
    listeners: new Set(),
    now,
  };

  const creatorOf = (chat: Topic['chat']): number | undefined =>
    chat.kind === 'dm' ? undefined : [...chat.members.values()].find(({ role }) => role === 'creator')?.userId;

  return {
    state,
    addUser: ({ isBot = false, privacyMode = false, firstName, ...rest }) => {
      const user: User = { ...rest, isBot, privacyMode, firstName: firstName ?? rest.username ?? `User ${rest.id}`, blocked: new Set() };
      state.users.set(user.id, user);
      mailboxOf(state, user.id);
      return user;
    },
    addGroup: (group) => addGroup(state, 'group', group),
    addSupergroup: (group) => addGroup(state, 'supergroup', group),
    addForum: (group) => {
      const forum = addGroup(state, 'supergroup', group);
      const [creator = 0] = group.members;
      makeForum(state, forum, creator);
      return forum;
    },
    makeForum: (groupId) => {
      const group = groupOf(state, groupId);
      makeForum(state, group, creatorOf(group) ?? 0);
    },
    addChannel: (channel) => addGroup(state, 'supergroup', channel, true),
    discuss: (groupId, channelId) => {
      groupOf(state, groupId).discusses = groupOf(state, channelId).markedId;
    },
    createTopic: ({ from, chat, title }) => createTopic(state, userOf(state, from), chatOf(state, from, chat), title),
    editTopic: (topic, change, by) => editTopic(state, userOf(state, by ?? topic.from), topic, change),
    deleteTopic: (topic, by) => void deleteTopic(state, userOf(state, by ?? creatorOf(topic.chat) ?? topic.from), topic),
    topicId: (topic, viewerId) => topicIdFor(state, topic, viewerId),
    messagesInTopic: (topic, viewerId) => messagesOfTopic(state, userOf(state, viewerId), topic),
    migrate: (groupId, into) => migrate(state, groupId, into),
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
    restrictAccess: (botId, userIds) => {
      userOf(state, botId).accessList = userIds;
    },
    sendMessage: (message) => {
      const chat = chatOf(state, message.from, message.chat);
      const said = post(state, userOf(state, message.from), chat, draftOf(state, message, dcId));
      forwardToDiscussion(state, said);
      return said;
    },
    editMessage: (message, text, entities = []) => edit(state, userOf(state, message.from), message, { text, entities }),
    deleteMessages: (...messages) => {
      const [first] = messages;
      if (first) remove(state, userOf(state, first.from), messages);
    },
    editHidden: (message) => editHidden(state, message),
    pin: (message) => void deliverPin(state, message),
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
    tap: (tapped) => tap(state, tapped),
    type: (userId, chat, topic) =>
      showAction(state, userOf(state, userId), chatOf(state, userId, chat), { _: 'sendMessageTypingAction' }, topic?.root),
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
    scan: (userId, link) => acceptLoginToken(state, userOf(state, userId), tokenIn(link)),
    loginCode,
    expireFileReferences: () => {
      for (const file of state.files.values()) file.fileReference = Buffer.concat([file.fileReference, Buffer.from([0])]);
    },
  };
};
