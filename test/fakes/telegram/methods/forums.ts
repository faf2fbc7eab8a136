import { present } from '../../../../src/domain/shared/present.ts';
import { rpcError } from '../rpc-error.ts';
import { bool, int, ints, long, object, optional, type TlObject, text } from '../tl/value.ts';
import { channelOfInput, chatOfPeer } from '../world/access.ts';
import { container, newMessageUpdate } from '../world/deliver.ts';
import { messageIdUpdate, renderMessage, renderPeers } from '../world/render.ts';
import { type Chat, logOf, type Message, messageIdFor, type Topic, type WorldState } from '../world/state.ts';
import { managesTopics, topicIdFor, topicNamed, topicsOf } from '../world/threads.ts';
import { createTopic, deleteTopic, editTopic, makeForum, messagesOfTopic, renderTopic } from '../world/topics.ts';
import { onlyPeople, type UserCall, type UserMethod } from './call.ts';

const chatWithTopics = ({ request, service, me }: UserCall): { readonly chat: Chat; readonly topics: readonly Topic[] } => {
  const chat = chatOfPeer(service.world.state, me, object(request, 'peer'));
  const topics = topicsOf(service.world.state, chat);
  if (!topics) throw rpcError('CHANNEL_FORUM_MISSING');
  return { chat, topics };
};

const topicIn = (call: UserCall, field: string): Topic => {
  const { chat } = chatWithTopics(call);
  const topic = topicNamed(call.service.world.state, chat, call.me.id, int(call.request, field));
  if (!topic) throw rpcError('TOPIC_ID_INVALID');
  return topic;
};

const ptsOf = (state: WorldState, message: Message, viewerId: number): number =>
  logOf(state, message.chat, viewerId).events.findLast((event) => event.message === message)?.pts ?? 0;

/** The result for the caller: the service message that tells of the change. */
const told = ({ service, me }: UserCall, message: Message): TlObject => {
  const { state } = service.world;
  const named = message.randomId === undefined ? [] : [messageIdUpdate(state, message, me)];
  return container(state, me, [...named, newMessageUpdate(state, message, me, ptsOf(state, message, me.id))], { messages: [message] });
};

const forumTopics = ({ service, me }: UserCall, chat: Chat, topics: readonly TlObject[], named: readonly Topic[], count: number) => {
  const { state } = service.world;
  const tops = named.flatMap((topic) => (topic.deleted ? [] : (messagesOfTopic(state, me, topic).at(-1) ?? [])));
  return {
    _: 'messages.forumTopics',
    count,
    topics,
    messages: tops.map((message) => renderMessage(state, message, me)),
    ...renderPeers(state, [chat], tops, me),
    pts: logOf(state, chat, me.id).pts,
  };
};

/** The topics after `offset_topic`, the most recent first. */
const getForumTopics: UserMethod = (call) => {
  onlyPeople(call);
  const { request, service, me } = call;
  const { state } = service.world;
  const { chat, topics } = chatWithTopics(call);
  const words = (optional(text, request, 'q') ?? '').toLowerCase();
  const newest = (topic: Topic): number => {
    const last = messagesOfTopic(state, me, topic).at(-1);
    return last ? messageIdFor(state, last, me.id) : 0;
  };
  const all = topics
    .filter((topic) => !topic.deleted && topic.title.toLowerCase().includes(words))
    .toSorted((a, b) => newest(b) - newest(a));
  const after = int(request, 'offsetTopic');
  const start = after === 0 ? 0 : all.findIndex((topic) => topicIdFor(state, topic, me.id) === after) + 1;
  const found = all.slice(start, start + (int(request, 'limit') || 100));
  return forumTopics(
    call,
    chat,
    found.map((topic) => renderTopic(state, topic, me)),
    found,
    all.length,
  );
};

const getForumTopicsById: UserMethod = (call) => {
  const { request, service, me } = call;
  const { state } = service.world;
  const { chat } = chatWithTopics(call);
  const wanted = ints(request, 'topics');
  if (wanted.length === 0) throw rpcError('TOPICS_EMPTY');
  const found = wanted.map((id) => topicNamed(state, chat, me.id, id));
  const rendered = found.map((topic, at) => (topic ? renderTopic(state, topic, me) : { _: 'forumTopicDeleted', id: wanted[at] ?? 0 }));
  const named = found.filter((topic) => topic !== undefined);
  return forumTopics(call, chat, rendered, named, rendered.length);
};

/** https://core.telegram.org/api/forum */
export const FORUM_METHODS: Readonly<Record<string, UserMethod>> = {
  'channels.toggleForum': (call) => {
    onlyPeople(call);
    const { request, service, me } = call;
    const { state } = service.world;
    const group = channelOfInput(state, me, object(request, 'channel'));
    if (group.members.get(me.id)?.role !== 'creator') throw rpcError('CHAT_ADMIN_REQUIRED');
    if (bool(request, 'enabled') === (group.topics !== undefined)) throw rpcError('CHAT_NOT_MODIFIED');
    if (group.topics) delete group.topics;
    else makeForum(state, group, me.id);
    return container(state, me, [], { chats: [group] });
  },
  'messages.createForumTopic': (call) => {
    const { request, service, me, session } = call;
    const { chat } = chatWithTopics(call);
    if (!managesTopics(chat, me)) throw rpcError('CHAT_ADMIN_REQUIRED');
    const named = { randomId: long(request, 'randomId'), origin: session };
    const { root } = createTopic(service.world.state, me, chat, text(request, 'title'), named);
    if (!root) throw new Error('a new topic has no message that created it');
    return told(call, root);
  },
  'messages.editForumTopic': (call) => {
    const { request, service, me, session } = call;
    const change = present({
      title: optional(text, request, 'title'),
      closed: optional(bool, request, 'closed'),
      hidden: optional(bool, request, 'hidden'),
    });
    return told(call, editTopic(service.world.state, me, topicIn(call, 'topicId'), change, session));
  },
  'messages.deleteTopicHistory': (call) => ({
    _: 'messages.affectedHistory',
    ...deleteTopic(call.service.world.state, call.me, topicIn(call, 'topMsgId')),
    offset: 0,
  }),
  'messages.getForumTopics': getForumTopics,
  'messages.getForumTopicsByID': getForumTopicsById,
};
