import type { MessageId } from '../chat/ids.ts';
import { present } from '../shared/present.ts';

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

/** What became of an attachment. */
export interface FetchedAttachment {
  /** The message that brought it: one of the parts, where several came together. */
  readonly messageId: MessageId;
  readonly kind: AttachmentKind;
  /** Where the file is, from the directory of the chat, with `/` between parts. Absent where it was not taken. */
  readonly path?: string;
  /** The same for the text of the message that brought it: where it is, or why it is not there. Empty: nothing. */
  readonly words: string;
}

export const attachmentFields = ({ messageId, kind, fileName, sizeBytes }: Attachment): Attachment => ({
  messageId,
  kind,
  ...present({ fileName, sizeBytes }),
});

export const fetchedFields = ({ messageId, kind, path, words }: FetchedAttachment): FetchedAttachment => ({
  messageId,
  kind,
  words,
  ...present({ path }),
});
