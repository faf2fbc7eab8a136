import { Api } from 'telegram/tl/index.js';

/** The people that a batch of updates speaks of, by id. */
export type Users = ReadonlyMap<number, Api.TypeUser>;
/** Its chats, by marked id. */
export type Chats = ReadonlyMap<number, Api.TypeChat>;

/** Supergroups and channels are marked with `-100` in front of their id (https://core.telegram.org/api/bots/ids). */
const CHANNEL_BASE = -1_000_000_000_000;

/** A 64-bit number of the client as a plain one: ids and sizes are far below 2^53. */
export const plainNumber = (long: { toString(): string }): number => Number(long.toString());

export const markedId = (peer: Api.TypePeer): number => {
  if (peer instanceof Api.PeerUser) return plainNumber(peer.userId);
  return peer instanceof Api.PeerChat ? -plainNumber(peer.chatId) : CHANNEL_BASE - plainNumber(peer.channelId);
};

export const usersById = (users: readonly Api.TypeUser[]): Users => new Map(users.map((user) => [plainNumber(user.id), user]));

export const chatsById = (chats: readonly Api.TypeChat[]): Chats =>
  new Map(chats.map((chat) => [isChannel(chat) ? CHANNEL_BASE - plainNumber(chat.id) : -plainNumber(chat.id), chat]));

export const isChannel = (chat: Api.TypeChat | undefined): chat is Api.Channel | Api.ChannelForbidden =>
  chat instanceof Api.Channel || chat instanceof Api.ChannelForbidden;

/** Without `@`. Somebody with several has no main one. */
export const usernameOf = ({ username, usernames }: Api.User): string | undefined =>
  username || usernames?.find(({ active }) => active)?.username;

/** As people see it; undefined where it is not known. */
export const peerName = (peer: Api.TypePeer, users: Users, chats: Chats): string | undefined => {
  const id = markedId(peer);
  if (id > 0) return userName(users.get(id));
  const chat = chats.get(id);
  return chat && 'title' in chat ? chat.title : undefined;
};

export const userName = (user: Api.TypeUser | undefined): string | undefined =>
  user instanceof Api.User ? [user.firstName, user.lastName].filter(Boolean).join(' ').trim() || usernameOf(user) : undefined;
