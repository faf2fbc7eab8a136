import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import type { ResponseDecision } from '../../domain/message/response.ts';
import { withFetched } from '../../domain/message/with-fetched.ts';
import { present } from '../../domain/shared/present.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';

/**
 * The result of an edit. `revised`: the message waits, and is answered with its new text. `reopened`: the message
 * needed no answer before, and needs one now. `corrected`: only the remembered text is replaced.
 */
export type Revised = 'revised' | 'reopened' | 'corrected' | 'repeat' | 'edited-by-another';

/** The edited message, and the decisions about it as if it were new. Undefined if it would be denied. */
export interface Edit {
  readonly message: IncomingMessage;
  readonly decided?: ResponseDecision | undefined;
  readonly at: number;
}

/** Stores an edit of a stored message in the inbox and the conversation. A given answer stays. */
export const reviseMessage = async (
  { messages, conversations }: Pick<Stores, 'messages' | 'conversations'>,
  first: InboxMessage,
  { message, decided, at }: Edit,
): Promise<Revised> => {
  const {
    chat: { id: chatId },
    messageId,
    addressedTo,
  } = message;
  // An edit brings no files: those of the message stay, and so do the words about them.
  const { text, ...others } = withFetched(message, first.message.files);
  if (first.message.sender.id !== message.sender.id) return 'edited-by-another';
  const isRequest = decided?.action === 'answer';
  const wasOverheard = first.verdict?.kind === 'remembered' || first.verdict?.kind === 'ignored';
  // An edit with the same text and addressee asks nothing new, even if the rules have changed since.
  const isAddressedAnew = isRequest && wasOverheard && addressedTo !== first.message.addressedTo;
  const isNews = text !== first.message.text || isAddressedAnew;
  if (!decided || text.trim() === '' || !isNews) return 'repeat';
  if (!(await messages.revise(chatId, messageId, { text, ...others, editedAt: message.editedAt ?? at }))) return 'repeat';
  if (!first.verdict) return 'revised';
  if (isRequest && wasOverheard && message.edited === true) {
    // The message becomes a question at the end of the conversation, and is no longer an overheard one.
    await conversations.erase(chatId, [messageId]);
    await conversations.revise(chatId, messageId, text);
    await messages.reopen(chatId, messageId, { response: decided, ...present({ addressedTo }) });
    return 'reopened';
  }
  await conversations.revise(chatId, messageId, text);
  return 'corrected';
};
