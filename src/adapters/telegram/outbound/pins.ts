import { Api } from 'telegram/tl/index.js';
import { rpcErrorOf } from '../client/errors.ts';
import type { Call } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';

/** Where nobody lets us pin, or the message is gone: https://core.telegram.org/method/messages.updatePinnedMessage */
const NOT_HERE = /^(CHAT_ADMIN_REQUIRED|CHAT_WRITE_FORBIDDEN|PIN_RESTRICTED|MESSAGE_ID_INVALID|USER_BANNED_IN_CHANNEL|.*_FORBIDDEN)$/;
/** It is pinned already. */
const SAME = /^(CHAT_NOT_MODIFIED|MESSAGE_NOT_MODIFIED)$/;

/** Pins a message without a notification. Resolves to false where that is not possible. */
export const makePin =
  ({
    call,
    peers,
    onUpdates,
  }: {
    readonly call: Call;
    readonly peers: Peers;
    /** What a call has changed has its number in the stream of updates, too. */
    readonly onUpdates: (updates: Api.TypeUpdates) => void;
  }) =>
  async (room: number, id: number): Promise<boolean> => {
    try {
      onUpdates(await call(new Api.messages.UpdatePinnedMessage({ silent: true, peer: peers.inputPeer(room), id })));
      return true;
    } catch (error) {
      const name = rpcErrorOf(error) ?? '';
      if (SAME.test(name)) return true;
      if (NOT_HERE.test(name)) return false;
      throw error;
    }
  };
