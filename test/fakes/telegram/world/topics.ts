import { present } from '../../../../src/domain/shared/present.ts';
import { rpcError } from '../rpc-error.ts';
import type { TlObject } from '../tl/value.ts';
import { post, remove } from './actions.ts';
import { peerOf } from './render.ts';
import {
  type Chat,
  type Group,
  logOf,
  type Message,
  mailboxOf,
  messageIdFor,
  type Topic,
  type User,
  userOf,
  type WorldState,
} from './state.ts';
import { GENERAL, isForum, isInGeneral, managesTopics, messagesIn, topicIdFor, topicsOf } from './threads.ts';

const MAX_TITLE = 128;
const ICON_COLOR = 0x6fb9f0;

/** What can be changed of a topic. */
export interface TopicChange {
  readonly title?: string;
  readonly closed?: boolean;
  readonly hidden?: boolean;
}

/**
 * Makes a supergroup a forum: all that it holds so far is in General. Its first message tells that it was made, so that
 * no topic has the id of General.
 */
export const makeForum = (state: WorldState, group: Group, creator: number): void => {
  group.topics = [{ chat: group, from: creator, date: state.now(), title: 'General', closed: false, hidden: false, deleted: false }];
  if (group.log.nextMessageId > GENERAL) return;
  post(state, userOf(state, creator), group, { text: '', action: { _: 'messageActionChannelCreate', title: group.title } });
};

const checkTitle = (title: string): string => {
  if (title === '' || Buffer.byteLength(title) > MAX_TITLE) throw rpcError('TOPIC_TITLE_EMPTY');
  return title;
};

const topicsIn = (state: WorldState, chat: Chat): Topic[] => {
  const topics = topicsOf(state, chat);
  if (!topics) throw rpcError('CHANNEL_FORUM_MISSING');
  return topics;
};

/** The service message that creates a topic is its first: the topic has that message's id. */
export const createTopic = (
  state: WorldState,
  author: User,
  chat: Chat,
  title: string,
  call?: { readonly randomId: bigint; readonly origin: object },
): Topic => {
  const topics = topicsIn(state, chat);
  const action = { _: 'messageActionTopicCreate', title: checkTitle(title), iconColor: ICON_COLOR };
  const root = post(state, author, chat, { text: '', action, ...present({ randomId: call?.randomId }) }, call?.origin);
  const topic: Topic = { chat, root, from: author.id, date: root.date, title, closed: false, hidden: false, deleted: false };
  topics.push(topic);
  return topic;
};

/** Changes a topic, and returns the service message in the topic that tells of it. */
export const editTopic = (state: WorldState, actor: User, topic: Topic, change: TopicChange, origin?: object): Message => {
  const { title, closed, hidden } = change;
  if (topic.deleted) throw rpcError('TOPIC_ID_INVALID');
  if (topic.from !== actor.id && !managesTopics(topic.chat, actor)) throw rpcError('CHAT_ADMIN_REQUIRED');
  if (hidden !== undefined && topic.root) throw rpcError('GENERAL_MODIFY_ICON_FORBIDDEN');
  if (closed !== undefined && (title !== undefined || hidden !== undefined)) throw rpcError('TOPIC_CLOSE_SEPARATELY');
  if ((title ?? topic.title) === topic.title && (closed ?? topic.closed) === topic.closed && (hidden ?? topic.hidden) === topic.hidden)
    throw rpcError('TOPIC_NOT_MODIFIED');
  Object.assign(topic, present({ title: title === undefined ? undefined : checkTitle(title), closed, hidden }));
  const action = { _: 'messageActionTopicEdit', title, closed, hidden };
  return post(state, actor, topic.chat, { text: '', action, ...present({ thread: topic.root }) }, origin);
};

/** Deletes the topic with its messages. General cannot be deleted. */
export const deleteTopic = (state: WorldState, actor: User, topic: Topic): { readonly pts: number; readonly ptsCount: number } => {
  const { root, chat } = topic;
  if (!root || topic.deleted) throw rpcError('TOPIC_ID_INVALID');
  if (!managesTopics(chat, actor)) throw rpcError('CHAT_ADMIN_REQUIRED');
  topic.deleted = true;
  return remove(state, actor, [root, ...messagesIn(logOf(state, chat, actor.id).messages, root)]);
};

/** The messages of a topic, oldest first. Those of General are the messages in no other topic. */
export const messagesOfTopic = (state: WorldState, viewer: User, { chat, root }: Topic): readonly Message[] => {
  const { messages } = logOf(state, chat, viewer.id);
  return root ? [root, ...messagesIn(messages, root)] : [...messages.values()].filter((message) => isInGeneral(state, message));
};

export const renderTopic = (state: WorldState, topic: Topic, viewer: User): TlObject => {
  const id = topicIdFor(state, topic, viewer.id);
  if (topic.deleted) return { _: 'forumTopicDeleted', id };
  const messages = messagesOfTopic(state, viewer, topic);
  const read = topic.root ? (mailboxOf(state, viewer.id).readThreads.get(topic.root) ?? 0) : readInGeneral(state, topic.chat, viewer);
  const last = messages.at(-1);
  return {
    _: 'forumTopic',
    my: topic.from === viewer.id,
    closed: topic.closed,
    hidden: topic.hidden,
    id,
    date: topic.date,
    peer: peerOf(topic.chat, viewer.id),
    title: topic.title,
    iconColor: ICON_COLOR,
    topMessage: last ? messageIdFor(state, last, viewer.id) : id,
    readInboxMaxId: read,
    readOutboxMaxId: 0,
    unreadCount: messages.filter((message) => message.from !== viewer.id && messageIdFor(state, message, viewer.id) > read).length,
    unreadMentionsCount: 0,
    unreadReactionsCount: 0,
    unreadPollVotesCount: 0,
    fromId: { _: 'peerUser', userId: topic.from },
    notifySettings: { _: 'peerNotifySettings' },
  };
};

const readInGeneral = (state: WorldState, chat: Chat, viewer: User): number =>
  isForum(chat) ? (mailboxOf(state, viewer.id).read.get(chat.markedId) ?? 0) : 0;
