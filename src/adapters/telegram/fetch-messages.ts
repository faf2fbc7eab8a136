import { Api } from 'telegram/tl/index.js';
import type { Call } from './connection/link.ts';
import { isChannelId, type Peers } from './peers.ts';

/** Messages of a chat by their numbers, with the people and chats they speak of; of a direct chat or a basic group, the account's own. */
export const fetchMessages = async (
  { call, peers }: { readonly call: Call; readonly peers: Pick<Peers, 'inputChannel'> },
  chatId: number,
  ids: readonly number[],
): Promise<Pick<Api.messages.Messages, 'messages' | 'users' | 'chats'>> => {
  const id = ids.map((number) => new Api.InputMessageID({ id: number }));
  const found = isChannelId(chatId)
    ? await call(new Api.channels.GetMessages({ channel: peers.inputChannel(chatId), id }))
    : await call(new Api.messages.GetMessages({ id }));
  return found instanceof Api.messages.MessagesNotModified ? { messages: [], users: [], chats: [] } : found;
};
