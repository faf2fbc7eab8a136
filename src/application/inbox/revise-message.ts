import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import type { ResponseDecision } from '../../domain/message/response.ts';
import { present } from '../../domain/shared/present.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';

/**
 * What an edit has come to. `revised`: the message waits, and is answered as it is now. `reopened`: it had asked
 * nothing of us, and does now. `corrected`: what is remembered of it says what it says now.
 */
export type Revised = 'revised' | 'reopened' | 'corrected' | 'repeat' | 'edited-by-another';

/** What an edited message is now, and what would be decided if it were new; undefined where that is denied. */
export interface Edit {
  readonly message: IncomingMessage;
  readonly decided?: ResponseDecision | undefined;
  readonly at: number;
}

/** Takes an edit of a message that is known into inbox and conversation. An answer that was given stands. */
export const reviseMessage = async (
  { messages, conversations }: Pick<Stores, 'messages' | 'conversations'>,
  first: InboxMessage,
  { message, decided, at }: Edit,
): Promise<Revised> => {
  const {
    chat: { id: chatId },
    messageId,
    text,
    parts,
    addressedTo,
  } = message;
  if (first.message.sender.id !== message.sender.id) return 'edited-by-another';
  const isRequest = decided?.action === 'answer';
  const wasOverheard = first.verdict?.kind === 'remembered' || first.verdict?.kind === 'ignored';
  // One that says what it said, to whom it was said, asks for nothing new, whatever the rules have become since.
  const isAddressedAnew = isRequest && wasOverheard && addressedTo !== first.message.addressedTo;
  const isNews = text !== first.message.text || isAddressedAnew;
  if (!decided || text.trim() === '' || !isNews) return 'repeat';
  if (!(await messages.revise(chatId, messageId, { text, editedAt: message.editedAt ?? at, ...present({ parts }) }))) return 'repeat';
  if (!first.verdict) return 'revised';
  if (isRequest && wasOverheard && message.edited === true) {
    // It is asked from here on, at the end of the conversation, and no more said in our hearing.
    await conversations.erase(chatId, [messageId]);
    await conversations.revise(chatId, messageId, text);
    await messages.reopen(chatId, messageId, { response: decided, ...present({ addressedTo }) });
    return 'reopened';
  }
  await conversations.revise(chatId, messageId, text);
  return 'corrected';
};
