import type { ChatId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import type { GrowingAnswer } from '../../../ports/index.ts';
import type { DeleteMessages } from '../client/delete-messages.ts';
import { markedIdOf, messageNumberOf, nativeChat } from '../client/ids.ts';
import { toTelegramAnswer } from '../format/answer.ts';
import type { Posting } from './post.ts';
import { randomIdOf } from './random-ids.ts';
import { NOTHING } from './say.ts';
import type { SentMessages } from './sent-messages.ts';

/** How many answers are remembered as begun. */
const MAX_CLOSED = 1_000;

/** Answers that are shown while they grow, each as one message that is edited. */
export interface Drafts {
  show(draft: GrowingAnswer): Promise<void>;
  /** Takes back a draft that no answer will follow. */
  withdraw(chatId: ChatId, deliveryKey: string): Promise<void>;
  /** The sending of that answer has begun, or it will not come: no draft of it is shown any more. */
  close(deliveryKey: string): void;
}

export const makeDrafts = ({
  sent,
  posting,
  remove,
}: {
  readonly sent: SentMessages;
  readonly posting: Posting;
  readonly remove: DeleteMessages;
}): Drafts => {
  const closed = new Set<string>();

  return {
    show: async ({ chatId, text, replyTo, deliveryKey }) => {
      const randomId = randomIdOf(deliveryKey);
      const chat = nativeChat(chatId);
      if (closed.has(randomId)) return;
      const known = await sent.get(randomId);
      if (known && (known.isFinal || known.inGeneral || known.chatId !== chat.room)) return;
      const answer = toTelegramAnswer(text);
      const content = answer.kind === 'file' ? answer.caption : (answer.parts[0] ?? NOTHING);
      if (known?.messageId !== undefined) {
        await posting.edit(chat.room, known.messageId, content);
        return;
      }
      if (content === NOTHING) return;
      // Stored before it is sent: the sender of the answer must know that a draft may be there, and what it replies to.
      const repliesTo = present({ replyTo: known?.replyTo ?? (replyTo && messageNumberOf(replyTo)) });
      const draft = { chatId: chat.room, ...repliesTo };
      await sent.remember(randomId, { ...draft, isFinal: false });
      const messageId = await posting.post({ chat, ...repliesTo, content, randomId });
      if (messageId !== undefined) await sent.remember(randomId, { ...draft, messageId, isFinal: false });
    },
    withdraw: async (chatId, deliveryKey) => {
      const room = markedIdOf(chatId);
      const known = await sent.get(randomIdOf(deliveryKey));
      if (known && !known.isFinal && known.chatId === room && known.messageId !== undefined) await remove(room, [known.messageId]);
    },
    close: (deliveryKey) => {
      closed.add(randomIdOf(deliveryKey));
      const [oldest] = closed;
      if (closed.size > MAX_CLOSED && oldest !== undefined) closed.delete(oldest);
    },
  };
};
