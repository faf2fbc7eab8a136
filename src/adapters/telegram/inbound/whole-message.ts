import { type IncomingMessage, MAX_MESSAGE_LENGTH } from '../../../domain/index.ts';
import { wholeWordsOf } from '../../../domain/shared/excerpt.ts';
import { present } from '../../../domain/shared/present.ts';
import type { ServerTime } from '../client/server-time.ts';
import { albumMessage, type InboundMessage } from './albums.ts';
import type { Files } from './files.ts';

/** What was sent together, as one message. */
export const makeWholeMessage =
  ({ onOurClock, attachmentsOf }: { readonly onOurClock: ServerTime['onOurClock']; readonly attachmentsOf: Files['attachmentsOf'] }) =>
  (parts: readonly InboundMessage[]): IncomingMessage => {
    const read = parts.map((part): IncomingMessage => {
      const attachments = attachmentsOf(part);
      const { sentAt, editedAt, touchedAt, text } = part.message;
      return {
        ...part.message,
        text: wholeWordsOf(text, MAX_MESSAGE_LENGTH),
        // Ages are told by one clock: how late an answer is, and what was said before what.
        sentAt: onOurClock(sentAt),
        ...present({
          editedAt: editedAt && onOurClock(editedAt),
          touchedAt: touchedAt && onOurClock(touchedAt),
          attachments: attachments.length > 0 ? attachments : undefined,
        }),
      };
    });
    const [first] = read;
    if (!first) throw new RangeError('an album without parts');
    return parts[0]?.albumId === undefined ? first : albumMessage(first, read);
  };
