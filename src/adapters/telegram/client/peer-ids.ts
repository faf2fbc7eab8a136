import { Api } from 'telegram/tl/index.js';

/** The people that a batch of updates speaks of, by id. */
export type Users = ReadonlyMap<number, Api.TypeUser>;
/** Its chats, by marked id. */
export type Chats = ReadonlyMap<number, Api.TypeChat>;

/** Supergroups and channels are marked with `-100` in front of their id (https://core.telegram.org/api/bots/ids). */
const CHANNEL_BASE = -1_000_000_000_000;

/**
 * Where Telegram's numbers of people, basic groups and channels end: beyond it, one kind would be marked like another,
 * or like a local chat.
 */
const [USERS_END, GROUPS_END, CHANNELS_END] = [2 ** 40, 1_000_000_000_000, 3_000_000_000_000];
const within = (id: number, end: number): number => (id > 0 && id < end ? id : Number.NaN);

/** A 64-bit number of the client as a plain one: ids and sizes are far below 2^53. */
export const plainNumber = (long: { toString(): string }): number => Number(long.toString());

/**
 * The id that is the same for nobody else; NaN where Telegram numbers none of this kind so, which is no chat's and no
 * person's id.
 */
export const markedId = (peer: Api.TypePeer): number => {
  if (peer instanceof Api.PeerUser) return within(plainNumber(peer.userId), USERS_END);
  return peer instanceof Api.PeerChat ? markedGroup(peer.chatId) : markedChannel(peer.channelId);
};
const markedGroup = (id: { toString(): string }): number => -within(plainNumber(id), GROUPS_END);
const markedChannel = (id: { toString(): string }): number => CHANNEL_BASE - within(plainNumber(id), CHANNELS_END);

export const usersById = (users: readonly Api.TypeUser[]): Users => new Map(users.map((user) => [plainNumber(user.id), user]));

export const chatsById = (chats: readonly Api.TypeChat[]): Chats =>
  new Map(chats.map((chat) => [isChannel(chat) ? markedChannel(chat.id) : markedGroup(chat.id), chat]));

export const isChannel = (chat: Api.TypeChat | undefined): chat is Api.Channel | Api.ChannelForbidden =>
  chat instanceof Api.Channel || chat instanceof Api.ChannelForbidden;

/**
 * Without `@`. Somebody with several has no main one. One that Telegram gives to nobody is none: it could be taken for
 * another.
 */
export const usernameOf = ({ username, usernames }: Api.User): string | undefined => {
  const told = username || usernames?.find(({ active }) => active)?.username;
  return told && /^[a-z0-9_]{1,64}$/i.test(told) ? told : undefined;
};

/** As people see it; undefined where it is not known. */
export const peerName = (peer: Api.TypePeer, users: Users, chats: Chats): string | undefined => {
  const id = markedId(peer);
  if (id > 0) return userName(users.get(id));
  const chat = chats.get(id);
  return chat && 'title' in chat ? chat.title : undefined;
};

export const userName = (user: Api.TypeUser | undefined): string | undefined =>
  user instanceof Api.User ? [user.firstName, user.lastName].filter(Boolean).join(' ').trim() || usernameOf(user) : undefined;
