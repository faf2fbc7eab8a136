import type { MessageId } from '../chat/ids.ts';
import { present } from '../shared/present.ts';
import { type IncomingMessage, type MessagePart, textOfParts } from './message.ts';

export type AttachmentKind = 'photo' | 'document' | 'voice' | 'audio' | 'video' | 'video-note' | 'animation';

/** A file that a message brings: what it is, without its bytes. */
export interface Attachment {
  /** The message that brings it: one of the parts, where several came together. */
  readonly messageId: MessageId;
  readonly kind: AttachmentKind;
  /** As its sender calls it: never a path. */
  readonly fileName?: string;
  readonly sizeBytes?: number;
}

/** What became of an attachment, in words for the text of the message that brought it: where it is, or why it is not there. */
export interface FetchedAttachment {
  readonly messageId: MessageId;
  readonly words: string;
}

export const attachmentFields = ({ messageId, kind, fileName, sizeBytes }: Attachment): Attachment => ({
  messageId,
  kind,
  ...present({ fileName, sizeBytes }),
});

/** What a message says once its attachments are fetched: their words stand below the text of the part that brought them. */
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
