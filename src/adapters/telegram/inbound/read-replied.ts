import { Api } from 'telegram/tl/index.js';
import type { ChatId, MessageId } from '../../../domain/index.ts';
import type { ReadMessage } from '../../../ports/index.ts';
import { notConnected, portErrorOf } from '../client/errors.ts';
import { getMessages } from '../client/fetch-messages.ts';
import { markedIdOf, messageNumberOf } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import { chatsById, markedId, usersById } from '../client/peer-ids.ts';
import type { Peers } from '../client/peers.ts';
import type { TelegramSelf } from '../client/settings.ts';
import { messageToIncoming } from './to-incoming.ts';

/**
 * Reads the message that another one replies to, by the reply: so a bot may read it, too, where its privacy mode keeps
 * other people's messages from it (https://core.telegram.org/constructor/inputMessageReplyTo).
 */
export const makeReadReplied =
  (telegram: { readonly call: Call; readonly peers: Pick<Peers, 'inputChannel'>; readonly self: () => TelegramSelf | undefined }) =>
  async (chatId: ChatId, messageId: MessageId): Promise<ReadMessage | undefined> => {
    const me = telegram.self();
    if (!me) throw notConnected('nobody is signed in');
    try {
      const found = await getMessages(telegram, markedIdOf(chatId), [new Api.InputMessageReplyTo({ id: messageNumberOf(messageId) })]);
      const [message] = found.messages;
      if (!(message instanceof Api.Message) || markedId(message.peerId) !== markedIdOf(chatId)) return undefined;
      const context = { self: me, users: usersById(found.users), chats: chatsById(found.chats), isOurs: () => false };
      const read = await messageToIncoming(message, false, context);
      return read.kind === 'message' && read.message.text !== '' ? { sender: read.message.sender, text: read.message.text } : undefined;
    } catch (error) {
      throw portErrorOf(error);
    }
  };
