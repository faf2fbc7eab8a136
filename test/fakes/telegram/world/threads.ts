import { type Chat, type Group, type Message, messageIdFor, type Topic, type User, userOf, type WorldState } from './state.ts';

/** General is in every forum, and is never named by a message that created it. */
export const GENERAL = 1;

const directKey = (users: readonly number[]): string => users.toSorted((a, b) => a - b).join(' ');

/** Whether a private chat has topics: one side of it is a bot for which they are switched on. */
const hasDirectTopics = (state: WorldState, chat: Chat): boolean =>
  chat.kind === 'dm' && chat.users.some((id) => userOf(state, id).hasTopics === true);

/** The topics of a chat, those that are deleted too; undefined where the chat has none. */
export const topicsOf = (state: WorldState, chat: Chat): Topic[] | undefined => {
  if (chat.kind !== 'dm') return chat.topics;
  if (!hasDirectTopics(state, chat)) return undefined;
  const key = directKey(chat.users);
  const topics = state.directTopics.get(key) ?? [];
  state.directTopics.set(key, topics);
  return topics;
};

/** What a topic is called by its viewer: everybody numbers the messages of private chats by themselves. */
export const topicIdFor = (state: WorldState, { root }: Topic, viewerId: number): number =>
  root ? messageIdFor(state, root, viewerId) : GENERAL;

export const topicNamed = (state: WorldState, chat: Chat, viewerId: number, id: number): Topic | undefined =>
  topicsOf(state, chat)?.find((topic) => topicIdFor(state, topic, viewerId) === id);

/** The topic that the thread of a message is; undefined for General, and for a thread that is no topic. */
export const topicOf = (state: WorldState, { chat, thread }: Pick<Message, 'chat' | 'thread'>): Topic | undefined =>
  thread && topicsOf(state, chat)?.find(({ root }) => root === thread);

/** General of a forum; private chats have none. */
export const generalOf = (state: WorldState, chat: Chat): Topic | undefined => topicsOf(state, chat)?.find(({ root }) => !root);

export const isForum = (chat: Chat): chat is Group => chat.kind !== 'dm' && chat.topics !== undefined;

/** Who may write in closed topics, and change topics of others: creator and admins. */
export const managesTopics = (chat: Chat, user: User): boolean =>
  chat.kind === 'dm' || (chat.members.get(user.id)?.role ?? 'member') !== 'member';

/**
 * The thread that a reply belongs to. In a supergroup the message that is replied to starts one where it is in none;
 * elsewhere there are no threads but topics (https://core.telegram.org/api/threads).
 */
export const threadOfReply = (state: WorldState, target: Message): Message | undefined => {
  if (topicsOf(state, target.chat)?.some(({ root }) => root === target)) return target;
  if (target.thread) return target.thread;
  return target.chat.kind === 'supergroup' && !target.chat.broadcast ? target : undefined;
};

/** The messages of a thread that still exist, oldest first, without the one that it starts with. */
export const messagesIn = (log: ReadonlyMap<number, Message>, root: Message): readonly Message[] =>
  [...log.values()].filter(({ thread }) => thread === root);

/** The messages of General: those of a forum that stand in no topic. */
export const isInGeneral = (state: WorldState, message: Message): boolean =>
  isForum(message.chat) && !topicOf(state, message) && !message.chat.topics?.some(({ root }) => root === message);
