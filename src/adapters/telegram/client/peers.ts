import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { type Clock, type KeyValueState, PortError } from '../../../ports/index.ts';
import { notConnected } from './errors.ts';
import { bareChannelId, isChannelId, markedChannelId } from './ids.ts';
import { chatsById } from './peer-ids.ts';
import type { TelegramSelf } from './settings.ts';
import { PEER_PREFIX } from './state-keys.ts';

/** What it takes to address a peer, by its marked id; kept, so that a restart can address everybody. */
export interface Peers {
  load(): Promise<void>;
  /**
   * Takes in what Telegram told along with a message; returns what is new, to be stored. What was asked for at an
   * earlier `moment` tells nothing of people who were forgotten since.
   */
  learn(users: readonly Api.TypeUser[], chats: readonly Api.TypeChat[], asked?: number): ReadonlyMap<string, string>;
  /** Now, in the order of what is learnt and forgotten of people. */
  moment(): number;
  /**
   * The person as Telegram told of them within the last minutes; undefined for anybody else: usernames let people in,
   * and change hands. Nothing numbers or repeats the updates that say so.
   */
  user(id: number): Api.User | undefined;
  /**
   * What was told of that person, or of all, holds no longer, or may not: they have another name, or updates were
   * missed.
   */
  forgetUsers(ids?: readonly number[]): void;
  /** The chat by its marked id, as last seen in this process; undefined where none was. */
  chat(id: number): Api.TypeChat | undefined;
  /**
   * Throws PortError `invalid-request` where the account has never met the peer, `unavailable` before it was connected
   * once.
   */
  inputPeer(id: number): Api.TypeInputPeer;
  inputChannel(id: number): Api.InputChannel;
  /**
   * By its marked id: whether it is a group whose messages are numbered and kept in order by itself: a supergroup, and
   * no broadcast channel.
   */
  isSupergroup(channelId: number): boolean;
}

/** How many people and chats are remembered whole. */
const SEEN = 2_000;
/** How long a person is taken for who they were. */
const USER_HOLDS_MS = 5 * 60_000;
/** Broadcasts are marked so in what is stored. */
const BROADCAST = '/broadcast';

/**
 * A "min" constructor carries an access hash that is good for nothing but its own message
 * (https://core.telegram.org/api/min): such are not learnt.
 */
const hashesOf = (users: readonly Api.TypeUser[], chats: readonly Api.TypeChat[]): (readonly [number, string])[] => [
  ...users.flatMap((user) =>
    user instanceof Api.User && !user.min && user.accessHash ? [[Number(user.id), user.accessHash.toString()] as const] : [],
  ),
  ...chats.flatMap((chat) =>
    chat instanceof Api.Channel && !chat.min && chat.accessHash
      ? [[markedChannelId(Number(chat.id)), `${chat.accessHash}${chat.broadcast ? BROADCAST : ''}`] as const]
      : [],
  ),
  // A group that has become a supergroup says how to address that.
  ...chats.flatMap((chat) =>
    chat instanceof Api.Chat && chat.migratedTo instanceof Api.InputChannel
      ? [[markedChannelId(Number(chat.migratedTo.channelId)), chat.migratedTo.accessHash.toString()] as const]
      : [],
  ),
];

/** Keeps the newest `SEEN`. */
const keep = <T>(seen: Map<number, T>, id: number, value: T): void => {
  seen.delete(id);
  seen.set(id, value);
  const [oldest] = seen.keys();
  if (seen.size > SEEN && oldest !== undefined) seen.delete(oldest);
};

export const makePeers = (state: KeyValueState, clock: Clock, self: () => TelegramSelf | undefined): Peers => {
  const hashes = new Map<number, string>();
  const users = new Map<number, { readonly user: Api.User; readonly toldAt: number }>();
  const chats = new Map<number, Api.TypeChat>();
  /** How often people were forgotten, and which of these times that person was last, or all were. */
  let forgettings = 0;
  let allForgotten = 0;
  const forgotten = new Map<number, number>();

  const hashOf = (id: number) => {
    const hash = hashes.get(id)?.replace(BROADCAST, '');
    if (hash !== undefined) return returnBigInt(hash);
    const me = self();
    // Whom the account has met may not even be loaded yet: nothing is said of it before the first connection.
    if (!me) throw notConnected('it has not been since the start');
    // Telegram looks up whom a bot may address by its id alone (https://core.telegram.org/api/peers#access-hash).
    if (me.isBot) return returnBigInt(0);
    throw new PortError('invalid-request', `this Telegram account has never met ${id}: it must see a message from there first`, {
      retryable: false,
    });
  };
  const inputChannel = (id: number): Api.InputChannel =>
    new Api.InputChannel({ channelId: returnBigInt(bareChannelId(id)), accessHash: hashOf(id) });

  return {
    load: async () => {
      for (const [key, hash] of await state.list(PEER_PREFIX)) hashes.set(Number(key.slice(PEER_PREFIX.length)), hash);
    },
    moment: () => forgettings,
    learn: (seenUsers, seenChats, asked = forgettings) => {
      const toldAt = clock.now();
      for (const user of seenUsers)
        if (user instanceof Api.User && !user.min && asked >= (forgotten.get(Number(user.id)) ?? allForgotten))
          keep(users, Number(user.id), { user, toldAt });
      for (const [id, chat] of chatsById(seenChats)) keep(chats, id, chat);
      const fresh = new Map<string, string>();
      for (const [id, hash] of hashesOf(seenUsers, seenChats)) {
        if (hashes.get(id) === hash) continue;
        hashes.set(id, hash);
        fresh.set(`${PEER_PREFIX}${id}`, hash);
      }
      return fresh;
    },
    user: (id) => {
      const seen = users.get(id);
      return seen && clock.now() - seen.toldAt < USER_HOLDS_MS ? seen.user : undefined;
    },
    forgetUsers: (ids) => {
      forgettings += 1;
      if (ids)
        for (const id of ids) {
          users.delete(id);
          keep(forgotten, id, forgettings);
        }
      else {
        users.clear();
        forgotten.clear();
        allForgotten = forgettings;
      }
    },
    chat: (id) => chats.get(id),
    inputPeer: (id) => {
      if (id === self()?.id) return new Api.InputPeerSelf();
      if (isChannelId(id)) {
        const { channelId, accessHash } = inputChannel(id);
        return new Api.InputPeerChannel({ channelId, accessHash });
      }
      if (id < 0) return new Api.InputPeerChat({ chatId: returnBigInt(-id) });
      return new Api.InputPeerUser({ userId: returnBigInt(id), accessHash: hashOf(id) });
    },
    inputChannel,
    isSupergroup: (channelId) => hashes.get(channelId)?.endsWith(BROADCAST) !== true,
  };
};
