import { Api } from 'telegram/tl/index.js';
import { z } from 'zod';
import { answeredNonces, type ChatId, pingText } from '../../../domain/index.ts';
import { type KeyValueState, type Notice, PortError, type Randomness, reasonOf, type SelfPingChannel } from '../../../ports/index.ts';
import { makeDeleteMessages } from '../client/delete-messages.ts';
import { notConnected, portErrorOf } from '../client/errors.ts';
import { fetchMessages } from '../client/fetch-messages.ts';
import { markedIdOf, type NativeChat, nativeChat, telegramChatId } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';
import type { TelegramSelf } from '../client/settings.ts';
import { PING_PREFIX } from '../client/state-keys.ts';
import type { Posting } from './post.ts';
import { randomIdOf } from './random-ids.ts';

type Said = { readonly chatId: ChatId; readonly text: string };

export interface TelegramSelfPing extends SelfPingChannel {
  /** Whether it answers a ping of ours. */
  isPong(message: Said): boolean;
  /** To be told of everything that was delivered; resolves when nothing of it is left to do. */
  delivered(message: Said, id: number | undefined): Promise<void>;
  load(): Promise<void>;
  /** Takes away what earlier processes have left behind. Never rejects. */
  tidy(): Promise<void>;
}

/** The messages that are to be taken away, by Telegram's numbers: the ping, and its answer. */
const pingSchema = z.object({ chatId: z.number(), ids: z.array(z.number()) });
type Ping = z.infer<typeof pingSchema>;

/**
 * The account's own messages, there and back: a ping is posted, read from Telegram again, and brought in like any
 * message; its answer comes through the outbox. Both are taken away before the answer counts as delivered, so that one
 * whose delivery is repeated is taken away, too. What stays in the chat was not answered; it goes at the next start,
 * except a ping that had been posted and not been stored.
 */
export const makeTelegramSelfPing = ({
  call,
  peers,
  self,
  posting,
  state,
  randomness,
  operatorChat,
  bring,
  onUpdates,
  notice,
}: {
  readonly call: Call;
  readonly peers: Peers;
  readonly self: () => TelegramSelf | undefined;
  readonly posting: Posting;
  readonly state: KeyValueState;
  readonly randomness: Randomness;
  /** Where it is said; a person's account has its own "Saved Messages". */
  readonly operatorChat?: () => ChatId;
  /** Hands a message of ours over. */
  readonly bring: (message: Api.Message) => Promise<void>;
  readonly onUpdates: (updates: Api.TypeUpdates) => void;
  readonly notice: Notice;
}): TelegramSelfPing => {
  const pings = new Map<string, Ping>();
  const left = new Set<string>();
  const listeners = new Set<(text: string) => void>();

  const pingChat = (): NativeChat => {
    const me = self();
    if (!me) throw notConnected('it has not been since the start');
    return operatorChat ? nativeChat(operatorChat()) : { room: me.id };
  };

  const read = async (room: number, message: number): Promise<Api.Message> => {
    const [found] = (await fetchMessages({ call, peers }, room, [message])).messages;
    if (found instanceof Api.Message) return found;
    throw lost();
  };

  const remove = makeDeleteMessages({ call, peers, onUpdates });

  /** Stored: the next process takes away what this one does not come to. */
  const keep = (nonces: readonly string[], ping: Ping | undefined): Promise<void> =>
    state.set(new Map(nonces.map((nonce) => [PING_PREFIX + nonce, ping && JSON.stringify(ping)])));

  const takeAway = async (nonces: readonly string[], ping: Ping): Promise<void> => {
    try {
      await keep(nonces, ping);
      await remove(ping.chatId, ping.ids);
      await keep(nonces, undefined);
      for (const nonce of nonces) left.delete(nonce);
    } catch (error) {
      notice('self-ping-not-removed', { chatId: telegramChatId(ping.chatId), reason: reasonOf(error) });
    }
  };

  const answeredBy = ({ chatId, text }: Said): readonly string[] =>
    answeredNonces(text).filter((nonce) => pings.get(nonce)?.chatId === markedIdOf(chatId));

  return {
    ping: async (nonce) => {
      try {
        const chat = pingChat();
        const { room } = chat;
        const content = { text: pingText(nonce), entities: [] };
        const id = await posting.post({ chat, content, randomId: randomIdOf(randomness.id()), silent: true });
        if (id === undefined) throw lost();
        pings.set(nonce, { chatId: room, ids: [id] });
        await keep([nonce], { chatId: room, ids: [id] });
        await bring(await read(room, id));
      } catch (error) {
        throw portErrorOf(error);
      }
    },
    onReply: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isPong: (message) => answeredBy(message).length > 0,
    delivered: async (message, id) => {
      const nonces = answeredBy(message);
      if (nonces.length === 0) return;
      for (const listener of listeners) listener(message.text);
      const ids = [...nonces.flatMap((nonce) => pings.get(nonce)?.ids ?? []), ...(id === undefined ? [] : [id])];
      for (const nonce of nonces) pings.delete(nonce);
      await takeAway(nonces, { chatId: markedIdOf(message.chatId), ids });
    },
    load: async () => {
      for (const [key, text] of await state.list(PING_PREFIX)) {
        const nonce = key.slice(PING_PREFIX.length);
        // Its answer may still be delivered.
        pings.set(nonce, pingSchema.parse(JSON.parse(text)));
        left.add(nonce);
      }
    },
    tidy: async () => {
      for (const nonce of [...left]) {
        const ping = pings.get(nonce);
        if (ping) await takeAway([nonce], ping);
      }
    },
  };
};

const lost = (): PortError => new PortError('malformed-reply', 'Telegram took the self-ping, and does not have it', { retryable: true });
