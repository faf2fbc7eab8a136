import { Api } from 'telegram/tl/index.js';
import { isChannelId } from './ids.ts';
import type { Call } from './link.ts';
import type { Peers } from './peers.ts';

export type DeleteMessages = (room: number, messages: number[]) => Promise<void>;

/** Deletes messages of the account's own in a room (by its marked id), for everybody. */
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
  async (room, messages) => {
    const { pts, ptsCount } = isChannelId(room)
      ? await call(new Api.channels.DeleteMessages({ channel: peers.inputChannel(room), id: messages }))
      : await call(new Api.messages.DeleteMessages({ revoke: true, id: messages }));
    // A deletion has its number in the stream of updates, and Telegram does not tell the caller.
    const update = isChannelId(room)
      ? new Api.UpdateDeleteChannelMessages({ channelId: peers.inputChannel(room).channelId, messages, pts, ptsCount })
      : new Api.UpdateDeleteMessages({ messages, pts, ptsCount });
    onUpdates(new Api.UpdateShort({ update, date: 0 }));
  };
