import { rpcError } from '../rpc-error.ts';
import { int, object, optional, text } from '../tl/value.ts';
import { chatOfPeer, messageIn, userOfInput } from '../world/access.ts';
import { push, short } from '../world/deliver.ts';
import { historyOf } from '../world/history.ts';
import { renderMessage, renderPeers } from '../world/render.ts';
import { type Group, logOf, type Message, mailboxOf, markedIdFor, messageIdFor, sees, userOf, type WorldState } from '../world/state.ts';
import { GENERAL, isInGeneral, messagesIn, topicsOf } from '../world/threads.ts';
import { onlyPeople, type UserCall, type UserMethod } from './call.ts';
import { page } from './pages.ts';

/** A thread and its group; that of a channel's post is in the discussion group. */
interface Thread {
  readonly group: Group;
  readonly root: Message;
  /** The post, if the thread consists of comments. */
  readonly post: Message | undefined;
}

const discussionOf = (state: WorldState, post: Message): Message | undefined =>
  [...state.groups.values()]
    .filter(({ discusses }) => discusses !== undefined)
    .flatMap(({ log }) => [...log.messages.values()])
    .find(({ forwardOf }) => forwardOf === post);

const threadOf = (call: UserCall): Thread => {
  const { request, service, me } = call;
  const { state } = service.world;
  const chat = chatOfPeer(state, me, object(request, 'peer'));
  const named = messageIn(state, me, chat, int(request, 'msgId'));
  if (!named || chat.kind !== 'supergroup') throw rpcError('MSG_ID_INVALID');
  const root = chat.broadcast ? discussionOf(state, named) : (named.thread ?? named);
  if (root?.chat.kind !== 'supergroup') throw rpcError('MSG_ID_INVALID');
  return { group: root.chat, root, post: chat.broadcast ? named : root.forwardOf };
};

const getReplies: UserMethod = (call) => {
  onlyPeople(call);
  const { group, root } = threadOf(call);
  const found = messagesIn(group.log.messages, root).filter((message) => sees(call.service.world.state, message, call.me));
  return page(call, group, found);
};

const getDiscussionMessage: UserMethod = (call) => {
  onlyPeople(call);
  const { service, me } = call;
  const { state } = service.world;
  const { group, root } = threadOf(call);
  const replies = messagesIn(group.log.messages, root);
  const read = mailboxOf(state, me.id).readThreads.get(root);
  return {
    _: 'messages.discussionMessage',
    messages: [renderMessage(state, root, me)],
    maxId: replies.at(-1)?.ids.get(group.log),
    readInboxMaxId: read,
    readOutboxMaxId: undefined,
    unreadCount: replies.filter((message) => message.from !== me.id && (message.ids.get(group.log) ?? 0) > (read ?? 0)).length,
    ...renderPeers(state, [group], [root], me),
  };
};

/** Marks a thread as read, and tells the reader's other sessions and the authors of the messages. */
const readDiscussion: UserMethod = (call) => {
  onlyPeople(call);
  const { request, service, me, session } = call;
  const { state } = service.world;
  const { group, root, post } = threadOf(call);
  const { readThreads } = mailboxOf(state, me.id);
  const before = readThreads.get(root) ?? 0;
  const readMaxId = Math.min(int(request, 'readMaxId'), group.log.nextMessageId - 1);
  if (readMaxId <= before) return true;
  readThreads.set(root, readMaxId);
  const thread = { channelId: group.id, topMsgId: messageIdFor(state, root, me.id), readMaxId };
  const comments = post?.chat.kind === 'supergroup' ? { broadcastId: post.chat.id, broadcastPost: post.ids.get(post.chat.log) } : {};
  push(state, me, short(state, { _: 'updateReadChannelDiscussionInbox', ...thread, ...comments }), session);
  const read = messagesIn(group.log.messages, root).filter((message) => isBetween(message, group, before, readMaxId));
  for (const author of new Set(read.map(({ from }) => from)))
    if (author !== me.id) push(state, userOf(state, author), short(state, { _: 'updateReadChannelDiscussionOutbox', ...thread }));
  return true;
};

const isBetween = (message: Message, { log }: Group, after: number, upTo: number): boolean => {
  const id = message.ids.get(log) ?? 0;
  return id > after && id <= upTo;
};

const FILTERS: Readonly<Record<string, (message: Message) => boolean>> = {
  inputMessagesFilterEmpty: () => true,
  inputMessagesFilterDocument: ({ media }) => media?._ === 'messageMediaDocument',
  inputMessagesFilterPhotos: ({ media }) => media?._ === 'messageMediaPhoto',
};

/** https://core.telegram.org/method/messages.search: in the whole chat, or in one of its threads. */
const search: UserMethod = (call) => {
  onlyPeople(call);
  const { request, service, me } = call;
  const { state } = service.world;
  const chat = chatOfPeer(state, me, object(request, 'peer'));
  const filter = FILTERS[object(request, 'filter')._];
  if (!filter) throw rpcError('INPUT_FILTER_INVALID');
  const words = text(request, 'q').toLowerCase();
  const topId = optional(int, request, 'topMsgId');
  const from = optional(object, request, 'fromId');
  const author = from && userOfInput(state, me, from);
  const [minDate, maxDate] = [int(request, 'minDate'), int(request, 'maxDate')];
  const root = topId === undefined ? undefined : logOf(state, chat, me.id).messages.get(topId);
  const inGeneral = topId === GENERAL && topicsOf(state, chat) !== undefined;
  if (topId !== undefined && !root && !inGeneral) throw rpcError('MSG_ID_INVALID');
  const found = historyOf(state, me.id, markedIdFor(chat, me.id)).filter(
    (message) =>
      (topId === undefined || (inGeneral ? isInGeneral(state, message) : message.thread === root)) &&
      sees(state, message, me) &&
      filter(message) &&
      (!author || message.from === author.id) &&
      (!minDate || message.date > minDate) &&
      (!maxDate || message.date < maxDate) &&
      (words === '' || message.text.toLowerCase().includes(words)),
  );
  return page(call, chat, found);
};

/** https://core.telegram.org/api/threads */
export const THREAD_METHODS: Readonly<Record<string, UserMethod>> = {
  'messages.getReplies': getReplies,
  'messages.getDiscussionMessage': getDiscussionMessage,
  'messages.readDiscussion': readDiscussion,
  'messages.search': search,
};
