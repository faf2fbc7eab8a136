import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import type { ChatId, UserId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { PortError, reasonOf } from '../../../ports/index.ts';
import { makeConnection } from '../client/connection.ts';
import { portErrorOf } from '../client/errors.ts';
import { telegramChatId, telegramUserId, userNumberOf } from '../client/ids.ts';
import { chatsById, plainNumber, userName, usernameOf } from '../client/peer-ids.ts';
import { makePeers } from '../client/peers.ts';
import { readRights } from '../client/rights.ts';
import { firstStart } from '../client/session.ts';
import type { TelegramBase, TelegramSelf } from '../client/settings.ts';
import { signInBot, whoAmI } from '../client/sign-in.ts';
import type { TelegramRights } from '../client/telegram-rights.ts';
import { updatesIn } from '../client/updates-in.ts';
import { randomIdOf } from '../outbound/random-ids.ts';
import { NO_UPDATES } from './line.ts';
import type { LoginAccount } from './login-account.ts';
import { baseOf } from './sign-in-as.ts';

/** Somebody who wrote to the bot in private. */
export interface PrivateWords {
  readonly person: UserId;
  readonly name?: string;
  readonly username?: string;
  readonly text: string;
}

export interface BotSetupListener {
  readonly onPrivate?: (words: PrivateWords) => unknown;
  /** A group from which the bot has heard, as when it is added to it. */
  readonly onGroup?: (chatId: ChatId) => unknown;
}

/** A bot that is being set up: it listens, and answers nobody by itself. */
export interface BotSetup {
  readonly self: TelegramSelf;
  /** From now on. Returns what ends it. */
  listen(listener: BotSetupListener): () => void;
  /** Rejects with PortError. */
  say(person: UserId, text: string): Promise<void>;
  /** What Telegram lets the bot do in these groups. Rejects with PortError. */
  rights(groups: readonly ChatId[]): Promise<TelegramRights>;
  /** Signs out, and hangs up. Does not reject. */
  close(): Promise<void>;
}

/**
 * Signs a bot in with its token, which proves the token, and stays connected. It uses a session of its own, kept in
 * `state`: one of a running bot is not touched. Rejects with PortError.
 */
export const openBotSetup = async (account: LoginAccount & { readonly token: string }): Promise<BotSetup> => {
  const base = baseOf(account, { kind: 'bot', token: account.token });
  await prove(base, account.token);
  const listeners = new Set<BotSetupListener>();
  const peers = makePeers(base.state, base.clock, () => connection.self());

  const tellPrivate = async (from: number, text: string): Promise<void> => {
    const user = peers.user(from) ?? (await askUser(from));
    const words = { person: telegramUserId(from), text, ...present({ name: userName(user), username: user && usernameOf(user) }) };
    for (const { onPrivate } of listeners) onPrivate?.(words);
  };
  const askUser = async (id: number): Promise<Api.User | undefined> => {
    const user = new Api.InputUser({ userId: returnBigInt(id), accessHash: returnBigInt(0) });
    const [found] = await connection.call(new Api.users.GetUsers({ id: [user] }));
    return found instanceof Api.User ? found : undefined;
  };
  const tellGroups = (marked: Iterable<number>): void => {
    for (const id of marked) for (const { onGroup } of listeners) onGroup?.(telegramChatId(id));
  };

  const onUpdates = (updates: Api.TypeUpdates): void => {
    if (updates instanceof Api.UpdateShortChatMessage) tellGroups([-plainNumber(updates.chatId)]);
    if (updates instanceof Api.UpdateShortMessage) hear(tellPrivate(plainNumber(updates.userId), updates.message));
    if (!(updates instanceof Api.Updates || updates instanceof Api.UpdatesCombined)) return;
    peers.learn(updates.users, updates.chats);
    tellGroups([...chatsById(updates.chats)].flatMap(([id, chat]) => (isGroup(chat) ? [id] : [])));
    for (const update of updatesIn(updates)) {
      const message = update instanceof Api.UpdateNewMessage ? update.message : undefined;
      if (message instanceof Api.Message && !message.out && message.peerId instanceof Api.PeerUser)
        hear(tellPrivate(plainNumber(message.peerId.userId), message.message));
    }
  };
  /** Who can't be asked about is heard of again when they write again. */
  const hear = (telling: Promise<void>): void => {
    telling.catch((error: unknown) => base.notice('client-said', { message: 'a message could not be read', reason: reasonOf(error) }));
  };

  const connection = makeConnection(base, {
    onUpdates,
    // Updates come to a session that has asked for where they stand.
    onSignedIn: async (_, call) => void (await call(new Api.updates.GetState())),
    onUp: () => undefined,
    onLost: () => undefined,
    onState: () => undefined,
  });
  await connection.start();
  const self = connection.self();
  if (!self) {
    await connection.stop();
    throw new PortError('unavailable', connection.health().message, { retryable: true });
  }
  const { call } = connection;
  return {
    self,
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    say: async (person, text) => {
      try {
        const peer = peers.inputPeer(userNumberOf(person));
        await call(new Api.messages.SendMessage({ peer, message: text, randomId: returnBigInt(randomIdOf(base.randomness.id())) }));
      } catch (error) {
        throw portErrorOf(error);
      }
    },
    rights: (groups) => readRights({ call, peers, self: connection.self, home: (id) => id }, groups),
    close: async () => {
      listeners.clear();
      try {
        await call(new Api.auth.LogOut());
      } catch (error) {
        base.notice('client-said', { message: 'the session of the set-up stays signed in', reason: reasonOf(error) });
      }
      await connection.stop();
    },
  };
};

/** The first sign-in says at once what is wrong; the connection after it would try again and again. */
const prove = async (base: TelegramBase, token: string): Promise<void> => {
  try {
    const link = await signInBot(base, firstStart(base.settings), token, NO_UPDATES);
    await whoAmI(link).finally(() => link.close());
  } catch (error) {
    throw portErrorOf(error);
  }
};

/** What the bot may talk in: no broadcast channel, and no group that it is not in. */
const isGroup = (chat: Api.TypeChat): boolean =>
  (chat instanceof Api.Chat && !chat.left && !chat.deactivated) || (chat instanceof Api.Channel && !chat.left && !chat.broadcast);
