import type { FetchedAttachment } from './attachment.ts';
import { type IncomingMessage, type MessagePart, textOfParts } from './message.ts';

/**
 * What a message says once its attachments are fetched: their words stand below the text of the part that brought them.
 */
export const withFetched = (
  { messageId, text, parts }: Pick<IncomingMessage, 'messageId' | 'text' | 'parts'>,
  fetched: readonly FetchedAttachment[],
): Pick<IncomingMessage, 'text' | 'parts'> => {
  const add = (part: MessagePart): MessagePart => {
    const words = fetched.flatMap((each) => (each.messageId === part.messageId && each.words !== '' ? [each.words] : []));
    return { messageId: part.messageId, text: [part.text, ...words].filter(Boolean).join('\n') };
  };
  if (!parts) return { text: add({ messageId, text }).text };
  const complete = parts.map(add);
  return { text: textOfParts(complete), parts: complete };
};
