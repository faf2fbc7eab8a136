import { Api } from 'telegram/tl/index.js';
import type { ChatId, MessageId } from '../../../domain/index.ts';
import { portErrorOf } from '../client/errors.ts';
import { getMessages } from '../client/fetch-messages.ts';
import { markedIdOf, messageNumberOf } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import type { Chats } from '../client/peer-ids.ts';
import type { Peers } from '../client/peers.ts';

/**
 * Whether a reply in that chat is a comment on a post of the channel that the chat belongs to. Rejects with PortError.
 */
export type IsComment = (chatId: ChatId, reply: { readonly id: MessageId; readonly to: MessageId }, chats: Chats) => Promise<boolean>;

/** How many posts are remembered, of all chats together. */
const MAX_KNOWN = 1_000;

/**
 * A channel's posts come into its discussion group by themselves, as forwarded messages
 * (https://core.telegram.org/api/discussion). Only there is Telegram asked what a message replies to, once for each.
 */
export const makeIsComment = (telegram: { readonly call: Call; readonly peers: Pick<Peers, 'inputChannel'> }): IsComment => {
  const known = new Map<string, boolean>();

  const ask = async (chatId: ChatId, reply: MessageId): Promise<boolean> => {
    try {
      const { messages } = await getMessages(telegram, markedIdOf(chatId), [new Api.InputMessageReplyTo({ id: messageNumberOf(reply) })]);
      return messages.some(isChannelPost);
    } catch (error) {
      const failure = portErrorOf(error);
      if (failure.code === 'invalid-request') return false;
      throw failure;
    }
  };

  return async (chatId, { id, to }, chats) => {
    const chat = chats.get(markedIdOf(chatId));
    if (!(chat instanceof Api.Channel && chat.hasLink)) return false;
    const key = `${chatId}/${to}`;
    const isPost = known.get(key) ?? (await ask(chatId, id));
    known.set(key, isPost);
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
    return isPost;
  };
};

/** It was forwarded by the channel itself, and stands there in the channel's name. */
const isChannelPost = (message: Api.TypeMessage): boolean =>
  message instanceof Api.Message &&
  message.fromId instanceof Api.PeerChannel &&
  message.fwdFrom?.savedFromPeer instanceof Api.PeerChannel &&
  message.fwdFrom.savedFromPeer.channelId.equals(message.fromId.channelId);
