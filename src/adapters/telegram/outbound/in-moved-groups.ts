import type { ChatId } from '../../../domain/index.ts';
import { isPortError, type OutgoingMessage, PortError } from '../../../ports/index.ts';
import { portErrorOf } from '../client/errors.ts';
import { canMove } from '../client/ids.ts';
import type { MovedGroups } from '../client/moved-groups.ts';
import type { Outbound } from './outbound.ts';

/**
 * Sends to the supergroup that a basic group has become. Its messages have numbers of their own: nothing replies to a
 * message of the old group, and no message there can be changed any more.
 */
export const inMovedGroups = (outbound: Outbound, moved: Pick<MovedGroups, 'home' | 'ask'>): Outbound => {
  const atHome = <Message extends Pick<OutgoingMessage, 'chatId' | 'replyTo'>>(message: Message): Message => {
    const chatId = moved.home(message.chatId);
    if (chatId === message.chatId) return message;
    const { replyTo: _, ...rest } = message;
    return { ...(rest as Message), chatId };
  };

  const ask = async (chatId: ChatId): Promise<boolean> => {
    try {
      return await moved.ask(chatId);
    } catch (error) {
      throw portErrorOf(error);
    }
  };

  return {
    ...outbound,
    send: async (message) => {
      try {
        const { chatId: movedFrom } = message;
        const there = atHome(message);
        return await outbound.send(there.chatId === movedFrom ? message : { ...there, movedFrom });
      } catch (error) {
        if (!canMove(message.chatId) || !isPortError(error) || error.code !== 'invalid-request') throw error;
        // Telegram does not say that the group has moved, only that it does not exist.
        if (!(await ask(message.chatId))) throw error;
        throw new PortError('rate-limited', `the group ${message.chatId} has become ${moved.home(message.chatId)}`, {
          retryable: true,
          retryAfterMs: 0,
          scope: 'chat',
          cause: error,
        });
      }
    },
    showDraft: (draft) => outbound.showDraft(atHome(draft)),
    showTyping: (chatId) => outbound.showTyping(moved.home(chatId)),
    edit: async (chatId, messageId, text) => moved.home(chatId) === chatId && outbound.edit(chatId, messageId, text),
    pin: async (chatId, messageId) => moved.home(chatId) === chatId && outbound.pin(chatId, messageId),
    acknowledge: async (chatId, messageId) => {
      if (moved.home(chatId) === chatId) await outbound.acknowledge(chatId, messageId);
    },
  };
};
