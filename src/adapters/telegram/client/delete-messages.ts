import { Api } from 'telegram/tl/index.js';
import type { ChatId } from '../../../domain/index.ts';
import type { Call } from './link.ts';
import { isChannelId, type Peers } from './peers.ts';

export type DeleteMessages = (chatId: ChatId, messages: number[]) => Promise<void>;

/** Deletes messages of the account's own, for everybody. */
export const makeDeleteMessages =
  ({
    call,
    peers,
    onUpdates,
  }: {
    readonly call: Call;
    readonly peers: Pick<Peers, 'inputChannel'>;
    readonly onUpdates: (updates: Api.TypeUpdates) => void;
  }): DeleteMessages =>
  async (chatId, messages) => {
    const { pts, ptsCount } = isChannelId(chatId)
      ? await call(new Api.channels.DeleteMessages({ channel: peers.inputChannel(chatId), id: messages }))
      : await call(new Api.messages.DeleteMessages({ revoke: true, id: messages }));
    // A deletion has its number in the stream of updates, and whoever asked for it is not told.
    const update = isChannelId(chatId)
      ? new Api.UpdateDeleteChannelMessages({ channelId: peers.inputChannel(chatId).channelId, messages, pts, ptsCount })
      : new Api.UpdateDeleteMessages({ messages, pts, ptsCount });
    onUpdates(new Api.UpdateShort({ update, date: 0 }));
  };
