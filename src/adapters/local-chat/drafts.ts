import type { ChatId } from '../../domain/index.ts';
import type { GrowingAnswer } from '../../ports/index.ts';

/** Answers of which no draft is shown any more; a draft that is later than so many answers is not recognised. */
const MAX_CLOSED = 1_000;

/**
 * The drafts of the local chats: one a chat, until its answer is there. `show` with `''` clears the one on the screen.
 */
export const makeDrafts = (show: (chatId: ChatId, text: string) => void) => {
  /** Whose draft each chat shows. */
  const shown = new Map<ChatId, string>();
  const closed = new Set<string>();
  const keyOf = (chatId: ChatId, deliveryKey: string): string => `${chatId} ${deliveryKey}`;
  return {
    show: ({ chatId, text, deliveryKey }: GrowingAnswer): void => {
      if (closed.has(keyOf(chatId, deliveryKey))) return;
      shown.set(chatId, deliveryKey);
      show(chatId, text);
    },
    /** Its answer was sent, or does not come. What another answer shows stays. */
    close: (chatId: ChatId, deliveryKey: string): void => {
      closed.add(keyOf(chatId, deliveryKey));
      const [oldest] = closed;
      if (closed.size > MAX_CLOSED && oldest !== undefined) closed.delete(oldest);
      if (shown.get(chatId) !== deliveryKey) return;
      shown.delete(chatId);
      show(chatId, '');
    },
  };
};
