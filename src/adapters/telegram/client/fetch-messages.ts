import { Api } from 'telegram/tl/index.js';
import { isChannelId } from './ids.ts';
import type { Call } from './link.ts';
import type { Peers } from './peers.ts';

type Found = Pick<Api.messages.Messages, 'messages' | 'users' | 'chats'>;
interface Telegram {
  readonly call: Call;
  readonly peers: Pick<Peers, 'inputChannel'>;
}

/**
 * Messages of a room (by its marked id) by their numbers, with the people and chats they speak of. A direct chat and a
 * basic group share the numbers of the account.
 */
export const fetchMessages = (telegram: Telegram, room: number, ids: readonly number[]): Promise<Found> =>
  getMessages(
    telegram,
    room,
    ids.map((id) => new Api.InputMessageID({ id })),
  );

/** The same, however the messages are named. */
export const getMessages = async ({ call, peers }: Telegram, room: number, id: Api.TypeInputMessage[]): Promise<Found> => {
  const found = isChannelId(room)
    ? await call(new Api.channels.GetMessages({ channel: peers.inputChannel(room), id }))
    : await call(new Api.messages.GetMessages({ id }));
  return found instanceof Api.messages.MessagesNotModified ? { messages: [], users: [], chats: [] } : found;
};
