import type { TlObject } from '../tl/value.ts';
import { edit, editHidden, post, react, remove, showAction } from './actions.ts';
import { deliverPin, deliverPreview, numbered, push, short } from './deliver.ts';
import { addGroup, forwardToDiscussion, migrate, type NewGroup } from './groups.ts';
import { historyOf } from './history.ts';
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

/** Everybody and everything on the other side of the wire. Ids of chats are marked ids throughout. */
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
  /** The supergroup discusses the channel: new posts are forwarded there, and who replies to one comments on it. */
  discuss(groupId: number, channelId: number): void;
  /** `chat` as `from` sees it: a forum, or the other side of a private chat with a bot that has topics. */
  createTopic(topic: { readonly from: number; readonly chat: number; readonly title: string }): Topic;
  /** By whoever created the topic, where nobody else is named. Gives the service message that tells of it. */
  editTopic(topic: Topic, change: TopicChange, by?: number): Message;
  /** Deletes the topic with its messages. By the creator of the group, where nobody else is named. */
  deleteTopic(topic: Topic, by?: number): void;
  /** The id of a topic in this user's eyes: 1 for General. */
  topicId(topic: Topic, viewerId: number): number;
  /** What was said in a topic as this user has it, oldest first, beginning with the message that created it. */
  messagesInTopic(topic: Topic, viewerId: number): readonly Message[];
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
  /** Shows that somebody types, in General or in that topic. */
  type(userId: number, chat: number, topic?: Topic): void;
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
  const state: WorldState = {
    users: new Map(),
    groups: new Map(),
    mailboxes: new Map(),
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
