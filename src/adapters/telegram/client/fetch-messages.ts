import { Api } from 'telegram/tl/index.js';
import type { Call } from './link.ts';
import { isChannelId, type Peers } from './peers.ts';

type Found = Pick<Api.messages.Messages, 'messages' | 'users' | 'chats'>;
interface Telegram {
  readonly call: Call;
  readonly peers: Pick<Peers, 'inputChannel'>;
}

/**
 * Messages of a chat by their numbers, with the people and chats they speak of; of a direct chat or a basic group, the
 * account's own.
 */
export const fetchMessages = (telegram: Telegram, chatId: number, ids: readonly number[]): Promise<Found> =>
  getMessages(
    telegram,
    chatId,
    ids.map((id) => new Api.InputMessageID({ id })),
  );

/** The same, however the messages are named. */
export const getMessages = async ({ call, peers }: Telegram, chatId: number, id: Api.TypeInputMessage[]): Promise<Found> => {
  const found = isChannelId(chatId)
    ? await call(new Api.channels.GetMessages({ channel: peers.inputChannel(chatId), id }))
    : await call(new Api.messages.GetMessages({ id }));
  return found instanceof Api.messages.MessagesNotModified ? { messages: [], users: [], chats: [] } : found;
};
