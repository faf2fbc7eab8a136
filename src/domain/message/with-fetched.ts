import { wholeWordsOf } from '../shared/excerpt.ts';
import { present } from '../shared/present.ts';
import type { FetchedAttachment } from './attachment.ts';
import { type IncomingMessage, MAX_MESSAGE_LENGTH, type MessagePart, textOfParts } from './message.ts';

type Said = Pick<IncomingMessage, 'text' | 'parts' | 'files'>;

/**
 * What a message says once its attachments are fetched: their words stand below the text of the part that brought them.
 * Of a part that the message has not, or not any more, nothing is left.
 */
export const withFetched = (
  { messageId, text, parts }: Pick<IncomingMessage, 'messageId' | 'text' | 'parts'>,
  fetched: readonly FetchedAttachment[] = [],
): Said => {
  const own = new Set((parts ?? [{ messageId }]).map((part) => part.messageId));
  const files = fetched.filter((each) => own.has(each.messageId));
  const add = (part: MessagePart): MessagePart => {
    const words = files.flatMap((each) => (each.messageId === part.messageId && each.words !== '' ? [each.words] : []));
    return { messageId: part.messageId, text: [part.text, ...words].filter(Boolean).join('\n') };
  };
  const complete = parts?.map(add);
  const whole = complete ? textOfParts(complete) : add({ messageId, text }).text;
  return { text: wholeWordsOf(whole, MAX_MESSAGE_LENGTH), ...present({ parts: complete, files: files.length > 0 ? files : undefined }) };
};
