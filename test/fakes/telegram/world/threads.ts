import { type Chat, type Group, type Message, messageIdFor, type Topic, type User, userOf, type WorldState } from './state.ts';

/** The id of General, a topic of every forum that no message created. */
export const GENERAL = 1;

const directKey = (users: readonly number[]): string => users.toSorted((a, b) => a - b).join(' ');

/** Whether a private chat has topics: one of its two users is a bot whose topics are switched on. */
const hasDirectTopics = (state: WorldState, chat: Chat): boolean =>
  chat.kind === 'dm' && chat.users.some((id) => userOf(state, id).hasTopics === true);

/** The topics of a chat, deleted ones included; undefined where the chat has no topics. */
export const topicsOf = (state: WorldState, chat: Chat): Topic[] | undefined => {
  if (chat.kind !== 'dm') return chat.topics;
  if (!hasDirectTopics(state, chat)) return undefined;
  const key = directKey(chat.users);
  const topics = state.directTopics.get(key) ?? [];
  state.directTopics.set(key, topics);
  return topics;
};

/** The id of a topic for its viewer: each account numbers the messages of private chats by itself. */
export const topicIdFor = (state: WorldState, { root }: Topic, viewerId: number): number =>
  root ? messageIdFor(state, root, viewerId) : GENERAL;

export const topicNamed = (state: WorldState, chat: Chat, viewerId: number, id: number): Topic | undefined =>
  topicsOf(state, chat)?.find((topic) => topicIdFor(state, topic, viewerId) === id);

/** The topic of a message; undefined for General, and for a thread that is no topic. */
export const topicOf = (state: WorldState, { chat, thread }: Pick<Message, 'chat' | 'thread'>): Topic | undefined =>
  thread && topicsOf(state, chat)?.find(({ root }) => root === thread);

/** The topic General of a forum. Private chats have no General. */
export const generalOf = (state: WorldState, chat: Chat): Topic | undefined => topicsOf(state, chat)?.find(({ root }) => !root);

export const isForum = (chat: Chat): chat is Group => chat.kind !== 'dm' && chat.topics !== undefined;

/** Whether the user can write in closed topics and change topics of others: creator and admins can. */
export const managesTopics = (chat: Chat, user: User): boolean =>
  chat.kind === 'dm' || (chat.members.get(user.id)?.role ?? 'member') !== 'member';

/**
 * The thread of a reply to that message. In a supergroup, a message that is in no thread starts one with its first
 * reply. Other chats have no threads but topics (https://core.telegram.org/api/threads).
 */
export const threadOfReply = (state: WorldState, target: Message): Message | undefined => {
  if (topicsOf(state, target.chat)?.some(({ root }) => root === target)) return target;
  if (target.thread) return target.thread;
  return target.chat.kind === 'supergroup' && !target.chat.broadcast ? target : undefined;
};

/** The messages of a thread that still exist, oldest first, without its first message. */
export const messagesIn = (log: ReadonlyMap<number, Message>, root: Message): readonly Message[] =>
  [...log.values()].filter(({ thread }) => thread === root);

/** Whether the message is in General: in a forum, and in no other topic. */
export const isInGeneral = (state: WorldState, message: Message): boolean =>
  isForum(message.chat) && !topicOf(state, message) && !message.chat.topics?.some(({ root }) => root === message);
