import { rpcError } from '../rpc-error.ts';
import { int, object, optional, type TlObject } from '../tl/value.ts';
import { messageIn } from '../world/access.ts';
import type { Draft } from '../world/actions.ts';
import { type Chat, logOf, type Message, markedIdFor, type Topic, type User, type WorldState } from '../world/state.ts';
import { threadOfReply, topicNamed, topicsOf } from '../world/threads.ts';
import type { UserCall } from './call.ts';

/** Where a message goes: the message that it replies to, and its thread. */
type Place = Pick<Draft, 'replyTo' | 'thread'>;

/** A deleted topic is an error in a forum. In a private chat the message goes to no topic (telegram-bot-api 854). */
const threadOfTopic = (chat: Chat, { root, deleted }: Topic): Message | undefined => {
  if (!deleted) return root;
  if (chat.kind === 'dm') return undefined;
  throw rpcError('TOPIC_DELETED');
};

/**
 * The thread that `top_msg_id` names: a topic other than General, or, in a chat without topics, the first message of a
 * thread (https://core.telegram.org/api/forum#forum-topics).
 */
export const threadNamed = (state: WorldState, me: User, chat: Chat, id: number): Message | undefined => {
  if (topicsOf(state, chat)) {
    const topic = topicNamed(state, chat, me.id, id);
    if (!topic?.root) throw rpcError('MSG_ID_INVALID');
    return threadOfTopic(chat, topic);
  }
  const root = chat.kind === 'supergroup' ? chat.log.messages.get(id) : undefined;
  if (!root || root.thread) throw rpcError('MSG_ID_INVALID');
  return root;
};

const isIn = (message: Message | undefined, chat: Chat, me: User): message is Message =>
  message !== undefined && markedIdFor(message.chat, me.id) === markedIdFor(chat, me.id);

/**
 * A message without a reply goes to General, and a reply to the topic of its target. If the target was deleted, the
 * message is sent without a reply: to the thread that `top_msg_id` names, or else to General.
 */
export const placeOf = ({ request, service, me }: UserCall, chat: Chat): Place => {
  const { state } = service.world;
  const named: TlObject | undefined = optional(object, request, 'replyTo');
  if (named?._ !== 'inputReplyToMessage') return {};
  const topId = optional(int, named, 'topMsgId');
  const top = topId === undefined ? undefined : threadNamed(state, me, chat, topId);
  const inThread = (thread: Message | undefined): Place => (thread ? { thread } : {});
  const id = int(named, 'replyToMsgId');
  const topic = topicNamed(state, chat, me.id, id);
  if (topic?.root) return inThread(threadOfTopic(chat, topic));
  const target = messageIn(state, me, chat, id);
  if (isIn(target, chat, me)) return { replyTo: target, ...inThread(threadOfReply(state, target)) };
  if (isIn(logOf(state, chat, me.id).deleted.get(id), chat, me)) return inThread(top);
  throw rpcError('REPLY_MESSAGE_ID_INVALID');
};
