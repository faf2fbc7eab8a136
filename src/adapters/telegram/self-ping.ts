import { Api } from 'telegram/tl/index.js';
import { answeredNonces, type ChatId, chatId, type MessageId, pingText } from '../../domain/index.ts';
import { type Logger, PortError, type Randomness, reasonOf, type SelfPingChannel } from '../../ports/index.ts';
import type { Call } from './connection/link.ts';
import { notConnected, portErrorOf } from './errors.ts';
import type { Posting } from './outbound/post.ts';
import { isChannelId, type Peers } from './peers.ts';
import type { TelegramSelf } from './settings.ts';

export interface TelegramSelfPing extends SelfPingChannel {
  /** To be told of everything that was delivered. */
  delivered(message: { readonly chatId: ChatId; readonly text: string }, id: MessageId | undefined): void;
}

/**
 * The account's own messages, there and back: a ping is posted, read from Telegram again, and brought in like any message; its answer
 * comes through the outbox. Both are taken away when the answer was delivered: what stays in the chat was not answered.
 */
export const makeTelegramSelfPing = ({
  call,
  peers,
  self,
  posting,
  randomness,
  operatorChat,
  bring,
  onUpdates,
  logger,
}: {
  readonly call: Call;
  readonly peers: Peers;
  readonly self: () => TelegramSelf | undefined;
  readonly posting: Posting;
  readonly randomness: Randomness;
  /** Where it is said; a person's account has its own "Saved Messages". */
  readonly operatorChat?: ChatId;
  /** Hands a message of ours over. */
  readonly bring: (message: Api.Message) => Promise<void>;
  readonly onUpdates: (updates: Api.TypeUpdates) => void;
  readonly logger: Logger;
}): TelegramSelfPing => {
  const pings = new Map<string, { readonly chatId: ChatId; readonly id: MessageId }>();
  const listeners = new Set<(text: string) => void>();

  const pingChat = (): ChatId => {
    const me = self();
    if (!me) throw notConnected('not started');
    return operatorChat ?? chatId(me.id);
  };

  const read = async (chatId: ChatId, messageId: MessageId): Promise<Api.Message> => {
    const id = [new Api.InputMessageID({ id: messageId })];
    const found = isChannelId(chatId)
      ? await call(new Api.channels.GetMessages({ channel: peers.inputChannel(chatId), id }))
      : await call(new Api.messages.GetMessages({ id }));
    const [message] = found instanceof Api.messages.MessagesNotModified ? [] : found.messages;
    if (message instanceof Api.Message) return message;
    throw lost();
  };

  const remove = async (chatId: ChatId, messages: number[]): Promise<void> => {
    const { pts, ptsCount } = isChannelId(chatId)
      ? await call(new Api.channels.DeleteMessages({ channel: peers.inputChannel(chatId), id: messages }))
      : await call(new Api.messages.DeleteMessages({ revoke: true, id: messages }));
    // A deletion has its number in the stream of updates, and whoever asked for it is not told.
    const update = isChannelId(chatId)
      ? new Api.UpdateDeleteChannelMessages({ channelId: peers.inputChannel(chatId).channelId, messages, pts, ptsCount })
      : new Api.UpdateDeleteMessages({ messages, pts, ptsCount });
    onUpdates(new Api.UpdateShort({ update, date: 0 }));
  };

  return {
    ping: async (nonce) => {
      try {
        const chatId = pingChat();
        const content = { text: pingText(nonce), entities: [] };
        const id = await posting.post({ chatId, content, randomId: randomness.randomId(), silent: true });
        if (id === undefined) throw lost();
        pings.set(nonce, { chatId, id });
        await bring(await read(chatId, id));
      } catch (error) {
        throw portErrorOf(error);
      }
    },
    onReply: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    delivered: ({ chatId, text }, id) => {
      const answered = answeredNonces(text).flatMap((nonce) => {
        const ping = pings.get(nonce);
        return ping?.chatId === chatId && pings.delete(nonce) ? [ping.id] : [];
      });
      if (answered.length === 0) return;
      for (const listener of listeners) listener(text);
      remove(chatId, id === undefined ? answered : [...answered, id]).catch((error: unknown) =>
        logger.warn({ chatId, reason: reasonOf(error) }, 'a self-ping was answered, and could not be taken away'),
      );
    },
  };
};

const lost = (): PortError => new PortError('malformed-reply', 'Telegram took the self-ping, and does not have it', { retryable: true });
