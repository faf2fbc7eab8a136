import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import type { ChatId } from '../../../domain/index.ts';
import type { GatewayInlet, KeyValueState, MovedChat } from '../../../ports/index.ts';
import { canMove, markedChannelId, markedIdOf, telegramChatId } from './ids.ts';
import type { Call } from './link.ts';
import { markedId } from './peer-ids.ts';
import type { Peers } from './peers.ts';
import { MOVED_PREFIX } from './state-keys.ts';

/**
 * Basic groups that have become supergroups (https://core.telegram.org/api/channel#migration), as this account was
 * told.
 */
export interface MovedGroups {
  load(): Promise<void>;
  start(inlet: Pick<GatewayInlet, 'moved'>): void;
  /** The chat that this one has become; itself where it has not moved, as far as is known here. */
  home(chatId: ChatId): ChatId;
  /** Resolves when the core goes on in the new group, and that is stored. Rejects as the core and the state do. */
  follow(chat: MovedChat): Promise<void>;
  /** Asks Telegram whether a group that takes nothing has moved, and follows it. Rejects as calls do. */
  ask(chatId: ChatId): Promise<boolean>;
}

export const makeMovedGroups = ({
  state,
  call,
  peers,
}: {
  readonly state: KeyValueState;
  readonly call: Call;
  readonly peers: Pick<Peers, 'learn'>;
}): MovedGroups => {
  const homes = new Map<ChatId, ChatId>();
  let inlet: Pick<GatewayInlet, 'moved'> | undefined;

  /** Both groups tell of a move, and what comes with other updates: who hears of it meanwhile waits for the same. */
  const following = new Map<ChatId, Promise<void>>();

  const store = async ({ from, to }: MovedChat): Promise<void> => {
    await inlet?.moved({ from, to });
    await state.set(new Map([[`${MOVED_PREFIX}${markedIdOf(from)}`, String(markedIdOf(to))]]));
    homes.set(from, to);
  };

  const follow = (chat: MovedChat): Promise<void> => {
    const { from } = chat;
    if (homes.has(from)) return Promise.resolve();
    const known = following.get(from);
    if (known) return known;
    const stored = store(chat).finally(() => following.delete(from));
    following.set(from, stored);
    return stored;
  };

  return {
    load: async () => {
      for (const [key, to] of await state.list(MOVED_PREFIX))
        homes.set(telegramChatId(Number(key.slice(MOVED_PREFIX.length))), telegramChatId(Number(to)));
    },
    start: (given) => {
      inlet = given;
    },
    home: (id) => homes.get(id) ?? id,
    follow,
    ask: async (id) => {
      if (!canMove(id)) return false;
      const { chats } = await call(new Api.messages.GetChats({ id: [returnBigInt(-markedIdOf(id))] }));
      // How to address the new group, too.
      await state.set(peers.learn([], chats));
      const [move] = movesOf(chats).filter(({ from }) => from === id);
      if (move) await follow(move);
      return move !== undefined;
    },
  };
};

/** Groups that Telegram marks as having become others, among those that came along with anything. */
export const movesOf = (chats: readonly Api.TypeChat[]): readonly MovedChat[] =>
  chats.flatMap((chat) =>
    chat instanceof Api.Chat && chat.migratedTo instanceof Api.InputChannel
      ? [{ from: telegramChatId(-Number(chat.id)), to: telegramChatId(markedChannelId(Number(chat.migratedTo.channelId))) }]
      : [],
  );

/** The move that a service message tells of: each of the two groups has one. */
export const moveToldBy = (update: Api.TypeUpdate | Api.TypeUpdates): MovedChat | undefined => {
  const isNew = update instanceof Api.UpdateNewMessage || update instanceof Api.UpdateNewChannelMessage;
  if (!isNew || !(update.message instanceof Api.MessageService)) return undefined;
  const { action, peerId } = update.message;
  const here = telegramChatId(markedId(peerId));
  if (action instanceof Api.MessageActionChatMigrateTo)
    return { from: here, to: telegramChatId(markedChannelId(Number(action.channelId))) };
  if (action instanceof Api.MessageActionChannelMigrateFrom) return { from: telegramChatId(-Number(action.chatId)), to: here };
  return undefined;
};
