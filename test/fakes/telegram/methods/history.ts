import { rpcError } from '../rpc-error.ts';
import { id, int, ints, longs, object, objects, type TlObject } from '../tl/value.ts';
import { basicGroupOf, channelOfInput, chatOfPeer, messageIn } from '../world/access.ts';
import { remove } from '../world/actions.ts';
import { deliverRead } from '../world/deliver.ts';
import { stateOf } from '../world/difference.ts';
import { historyOf } from '../world/history.ts';
import { peerOf, renderGroup, renderMessage, renderPeers } from '../world/render.ts';
import {
  type Chat,
  chatOf,
  logOf,
  type Message,
  mailboxOf,
  markedIdFor,
  messageIdFor,
  sees,
  type User,
  userOf,
  type WorldState,
} from '../world/state.ts';
import { onlyPeople, type UserCall, type UserMethod } from './call.ts';
import { answer, page } from './pages.ts';

const getHistory: UserMethod = (call) => {
  onlyPeople(call);
  const { request, service, me } = call;
  const { state } = service.world;
  const chat = chatOfPeer(state, me, object(request, 'peer'));
  const seen = historyOf(state, me.id, markedIdFor(chat, me.id)).filter((message) => sees(state, message, me));
  return page(call, chat, seen);
};

const getMessages = (call: UserCall, chat: Chat | undefined): TlObject => {
  const { request, service, me } = call;
  const { state } = service.world;
  const log = chat ? logOf(state, chat, me.id) : mailboxOf(state, me.id);
  const found: Message[] = [];
  const messages = objects(request, 'id').map((input) => {
    const messageId = int(input, 'id');
    const named = log.messages.get(messageId);
    // A bot cannot fetch a message that it does not see, except as the target of a reply that it sees.
    const asked = named && sees(state, named, me) ? named : undefined;
    const message = input._ === 'inputMessageReplyTo' ? asked?.replyTo : asked;
    if (!message) return { _: 'messageEmpty', id: messageId };
    found.push(message);
    return renderMessage(state, message, me);
  });
  return answer(state, me, chat, messages, found, messages.length);
};

interface Dialog {
  readonly chat: Chat;
  readonly markedId: number;
  readonly top: Message | undefined;
}

/** Every chat of a person, the most recent first. */
const dialogsOf = (state: WorldState, me: User): readonly Dialog[] => {
  const tops = new Map<number, Message>();
  for (const message of mailboxOf(state, me.id).messages.values()) tops.set(markedIdFor(message.chat, me.id), message);
  for (const group of state.groups.values())
    if (group.kind === 'supergroup' && group.members.has(me.id)) {
      const top = [...group.log.messages.values()].at(-1);
      if (top) tops.set(group.markedId, top);
    }
  return [...tops]
    .map(([markedId, top]) => ({ chat: chatOf(state, me.id, markedId), markedId, top }))
    .sort((a, b) => (b.top?.date ?? 0) - (a.top?.date ?? 0));
};

const renderDialog = (state: WorldState, me: User, { chat, markedId, top }: Dialog): TlObject => {
  const read = mailboxOf(state, me.id).read.get(markedId) ?? 0;
  return {
    _: 'dialog',
    peer: peerOf(chat, me.id),
    topMessage: top ? messageIdFor(state, top, me.id) : 0,
    readInboxMaxId: read,
    readOutboxMaxId: 0,
    unreadCount: historyOf(state, me.id, markedId).filter((message) => message.from !== me.id && messageIdFor(state, message, me.id) > read)
      .length,
    unreadMentionsCount: 0,
    unreadReactionsCount: 0,
    unreadPollVotesCount: 0,
    notifySettings: { _: 'peerNotifySettings' },
    pts: chat.kind === 'supergroup' ? chat.log.pts : undefined,
  };
};

const dialogParts = (state: WorldState, me: User, dialogs: readonly Dialog[]) => {
  const tops = dialogs.flatMap(({ top }) => top ?? []);
  const peers = renderPeers(
    state,
    dialogs.map(({ chat }) => chat),
    tops,
    me,
  );
  return {
    dialogs: dialogs.map((dialog) => renderDialog(state, me, dialog)),
    messages: tops.map((message) => renderMessage(state, message, me)),
    ...peers,
  };
};

const getDialogs: UserMethod = (call) => {
  onlyPeople(call);
  const { request, service, me } = call;
  const { state } = service.world;
  const all = dialogsOf(state, me);
  const offset = object(request, 'offsetPeer');
  const last = offset._ === 'inputPeerEmpty' ? undefined : markedIdFor(chatOfPeer(state, me, offset), me.id);
  const start = last === undefined ? 0 : all.findIndex(({ markedId }) => markedId === last) + 1;
  const page = all.slice(start, start + (int(request, 'limit') || 100));
  const parts = dialogParts(state, me, page);
  return page.length === all.length ? { _: 'messages.dialogs', ...parts } : { _: 'messages.dialogsSlice', count: all.length, ...parts };
};

const readUpTo = (call: UserCall, chat: Chat): number => {
  const { read } = mailboxOf(call.service.world.state, call.me.id);
  const markedId = markedIdFor(chat, call.me.id);
  const newest = logOf(call.service.world.state, chat, call.me.id).nextMessageId - 1;
  const upTo = Math.min(int(call.request, 'maxId') || newest, newest);
  read.set(markedId, Math.max(read.get(markedId) ?? 0, upTo));
  return upTo;
};

export const HISTORY_METHODS: Readonly<Record<string, UserMethod>> = {
  'messages.getHistory': getHistory,
  'messages.getMessages': (call) => getMessages(call, undefined),
  'channels.getMessages': (call) => getMessages(call, channelOfInput(call.service.world.state, call.me, object(call.request, 'channel'))),
  'messages.getDialogs': getDialogs,
  'messages.getPeerDialogs': (call) => {
    onlyPeople(call);
    const { request, service, me } = call;
    const { state } = service.world;
    const dialogs = objects(request, 'peers').map((input): Dialog => {
      const chat = chatOfPeer(state, me, object(input, 'peer'));
      const markedId = markedIdFor(chat, me.id);
      return { chat, markedId, top: historyOf(state, me.id, markedId).at(-1) };
    });
    return { _: 'messages.peerDialogs', ...dialogParts(state, me, dialogs), state: stateOf(state, me) };
  },
  'messages.readHistory': (call) => {
    onlyPeople(call);
    const chat = chatOfPeer(call.service.world.state, call.me, object(call.request, 'peer'));
    return { _: 'messages.affectedMessages', ...deliverRead(call.service.world.state, chat, call.me, readUpTo(call, chat), call.session) };
  },
  'channels.readHistory': (call) => {
    onlyPeople(call);
    readUpTo(call, channelOfInput(call.service.world.state, call.me, object(call.request, 'channel')));
    return true;
  },
  'messages.deleteMessages': ({ request, service, me }) => {
    const { messages } = mailboxOf(service.world.state, me.id);
    return {
      _: 'messages.affectedMessages',
      ...remove(
        service.world.state,
        me,
        ints(request, 'id').flatMap((each) => messages.get(each) ?? []),
      ),
    };
  },
  'channels.deleteMessages': ({ request, service, me }) => {
    const group = channelOfInput(service.world.state, me, object(request, 'channel'));
    const found = ints(request, 'id').flatMap((each) => messageIn(service.world.state, me, group, each) ?? []);
    if (found.some(({ from }) => from !== me.id) && group.members.get(me.id)?.role === 'member') throw rpcError('MESSAGE_DELETE_FORBIDDEN');
    return { _: 'messages.affectedMessages', ...remove(service.world.state, me, found) };
  },
  'messages.getChats': ({ request, service, me }) => ({
    _: 'messages.chats',
    chats: longs(request, 'id').map((each) => renderGroup(basicGroupOf(service.world.state, Number(each)), me)),
  }),
  'messages.getFullChat': ({ request, service, me }) => {
    const group = basicGroupOf(service.world.state, id(request, 'chatId'));
    const participants = [...group.members.values()].map(({ userId, since, role }) =>
      role === 'creator' ? { _: 'chatParticipantCreator', userId } : { _: 'chatParticipant', userId, inviterId: userId, date: since },
    );
    const fullChat = {
      _: 'chatFull',
      id: group.id,
      about: '',
      participants: { _: 'chatParticipants', chatId: group.id, participants, version: 1 },
      notifySettings: { _: 'peerNotifySettings' },
    };
    const dms = [...group.members.keys()].map((userId): Chat => ({ kind: 'dm', users: [me.id, userOf(service.world.state, userId).id] }));
    return { _: 'messages.chatFull', fullChat, ...renderPeers(service.world.state, [group, ...dms], [], me) };
  },
};
