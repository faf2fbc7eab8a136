import { rpcError } from '../rpc-error.ts';
import { id, int, long, object, type TlObject } from '../tl/value.ts';
import { accessHash } from './render.ts';
import { type Chat, type Group, logOf, type Message, mailboxOf, markedGroupId, type User, type WorldState } from './state.ts';

/** Bots may leave out the hash of users whom they have met. */
const mayAddress = (state: WorldState, viewer: User, kind: 'user' | 'channel', target: number, hash: bigint): boolean =>
  hash === accessHash(viewer.id, kind, target) ||
  (viewer.isBot && hash === 0n && (kind === 'channel' || mailboxOf(state, viewer.id).known.has(target)));

const checkedUser = (state: WorldState, viewer: User, peer: TlObject, error: string): User => {
  const user = state.users.get(id(peer, 'userId'));
  if (!user || (user.id !== viewer.id && !mayAddress(state, viewer, 'user', user.id, long(peer, 'accessHash')))) throw rpcError(error);
  return user;
};

/** Only people may name a user or channel by a message (https://core.telegram.org/api/min). */
const refuseFromMessage = (viewer: User): void => {
  if (viewer.isBot) throw rpcError('FROM_MESSAGE_BOT_DISABLED');
};

/** A user whom the caller names by a message instead of a hash. */
const userFromMessage = (state: WorldState, viewer: User, input: TlObject, error: string): User => {
  refuseFromMessage(viewer);
  const chat = chatOfPeer(state, viewer, object(input, 'peer'));
  const message = logOf(state, chat, viewer.id).messages.get(int(input, 'msgId'));
  const user = state.users.get(id(input, 'userId'));
  if (!user || message?.from !== user.id) throw rpcError(error);
  return user;
};

export const userOfInput = (state: WorldState, viewer: User, input: TlObject): User => {
  switch (input._) {
    case 'inputUserSelf':
    case 'inputPeerSelf':
      return viewer;
    case 'inputUser':
    case 'inputPeerUser':
      return checkedUser(state, viewer, input, 'USER_ID_INVALID');
    case 'inputUserFromMessage':
    case 'inputPeerUserFromMessage':
      return userFromMessage(state, viewer, input, 'USER_ID_INVALID');
    default:
      throw rpcError('USER_ID_INVALID');
  }
};

export const channelOfInput = (state: WorldState, viewer: User, input: TlObject): Group => {
  if (input._ === 'inputChannelFromMessage' || input._ === 'inputPeerChannelFromMessage') refuseFromMessage(viewer);
  if (input._ !== 'inputChannel' && input._ !== 'inputPeerChannel') throw rpcError('CHANNEL_INVALID');
  const group = state.groups.get(markedGroupId('supergroup', id(input, 'channelId')));
  if (!group || !mayAddress(state, viewer, 'channel', group.id, long(input, 'accessHash'))) throw rpcError('CHANNEL_INVALID');
  if (!group.members.has(viewer.id) && !group.username) throw rpcError('CHANNEL_PRIVATE');
  return group;
};

export const basicGroupOf = (state: WorldState, chatId: number): Group => {
  const group = state.groups.get(markedGroupId('group', chatId));
  if (group?.kind !== 'group') throw rpcError('CHAT_ID_INVALID');
  return group;
};

/** The chat that an `InputPeer` names, with its access hash checked. */
export const chatOfPeer = (state: WorldState, viewer: User, peer: TlObject): Chat => {
  switch (peer._) {
    case 'inputPeerSelf':
      return { kind: 'dm', users: [viewer.id, viewer.id] };
    case 'inputPeerUser':
      return { kind: 'dm', users: [viewer.id, checkedUser(state, viewer, peer, 'PEER_ID_INVALID').id] };
    case 'inputPeerUserFromMessage':
      return { kind: 'dm', users: [viewer.id, userFromMessage(state, viewer, peer, 'PEER_ID_INVALID').id] };
    case 'inputPeerChat': {
      const group = state.groups.get(markedGroupId('group', id(peer, 'chatId')));
      if (group?.kind !== 'group') throw rpcError('PEER_ID_INVALID');
      return group;
    }
    case 'inputPeerChannel':
    case 'inputPeerChannelFromMessage':
      return channelOfInput(state, viewer, peer);
    default:
      throw rpcError('PEER_ID_INVALID');
  }
};

/** The message of that chat that has this id for the caller. */
export const messageIn = (state: WorldState, viewer: User, chat: Chat, messageId: number): Message | undefined =>
  logOf(state, chat, viewer.id).messages.get(messageId);
