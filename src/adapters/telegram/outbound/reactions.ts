import { Api } from 'telegram/tl/index.js';
import { present } from '../../../domain/shared/present.ts';
import type { Clock } from '../../../ports/index.ts';
import { rpcErrorOf } from '../client/errors.ts';
import type { Call } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';
import { isEdit } from '../updates/updates.ts';

const RECEIVED = '👀';
/** The chat allows no such reaction, or none of ours: that is so for its next message, too. */
const NOT_HERE = /^(REACTION_INVALID|REACTIONS_TOO_MANY|CHAT_WRITE_FORBIDDEN|CHAT_RESTRICTED|USER_BANNED_IN_CHANNEL|.*_FORBIDDEN)$/;
/** An admin may allow it meanwhile. */
const REFUSED_FOR_MS = 60 * 60_000;

/** The message that is reacted to comes back as edited, though it says what it said: only the edit's number is news. */
const withoutMessages = (result: Api.TypeUpdates): Api.TypeUpdates => {
  if (!(result instanceof Api.Updates) || !result.updates.some(isEdit)) return result;
  const { users, chats, date, seq } = result;
  return new Api.Updates({ updates: result.updates.map(withoutMessage), users, chats, date, seq });
};

const withoutMessage = (update: Api.TypeUpdate): Api.TypeUpdate => {
  if (!isEdit(update)) return update;
  const { id, peerId } = update.message;
  const numbered = { message: new Api.MessageEmpty({ id, ...present({ peerId }) }), pts: update.pts, ptsCount: update.ptsCount };
  return update instanceof Api.UpdateEditMessage ? new Api.UpdateEditMessage(numbered) : new Api.UpdateEditChannelMessage(numbered);
};

/** Shows on messages that they were received. Resolves without a call in a chat that has refused it within the hour. */
export const makeReactions = ({
  call,
  peers,
  onUpdates,
  clock,
}: {
  readonly call: Call;
  readonly peers: Peers;
  /** What a call has changed has its number in the stream of updates, too. */
  readonly onUpdates: (updates: Api.TypeUpdates) => void;
  readonly clock: Clock;
}) => {
  /** Until when nothing is tried there, in ms since 1970. */
  const refused = new Map<number, number>();

  return async (room: number, msgId: number): Promise<void> => {
    if ((refused.get(room) ?? 0) > clock.now()) return;
    refused.delete(room);
    const reaction = [new Api.ReactionEmoji({ emoticon: RECEIVED })];
    try {
      const request = new Api.messages.SendReaction({ peer: peers.inputPeer(room), msgId, reaction });
      onUpdates(withoutMessages(await call(request)));
    } catch (error) {
      const name = rpcErrorOf(error) ?? '';
      if (name === 'MESSAGE_NOT_MODIFIED') return;
      if (NOT_HERE.test(name)) refused.set(room, clock.now() + REFUSED_FOR_MS);
      throw error;
    }
  };
};
