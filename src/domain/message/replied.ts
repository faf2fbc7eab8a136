import type { MessageId } from '../chat/ids.ts';
import { plainId } from '../chat/plain-id.ts';
import { linesOf } from '../shared/lines.ts';
import { present } from '../shared/present.ts';
import { type Provenance, provenanceFields } from '../trust/labels.ts';

/** What is known of the message that another one replies to. */
export interface RepliedMessage {
  /** Its number in the same chat; absent where it is of another chat. */
  readonly messageId?: MessageId;
  /** Who sent it, by name; absent where that is not known. */
  readonly from?: string;
  /** Kept itself sent it. */
  readonly isOurs?: true;
  /** What it says, or the beginning of that. Absent where it can't be seen, or not any more. */
  readonly text?: string;
  /** The part of it that the reply picks out. */
  readonly quote?: string;
  /** Whose words it quotes. Absent: nobody's that is known. */
  readonly provenance?: Provenance;
}

/** How much of a message that is replied to is told: a whole message of most messengers. */
export const MAX_REPLIED_LENGTH = 4_096;
/** The same where the reply itself is context, and no request. */
export const MAX_OVERHEARD_REPLIED_LENGTH = 300;

export const repliedFields = ({ messageId, from, isOurs, text, quote, provenance }: RepliedMessage): RepliedMessage =>
  present({ messageId, from, isOurs, text, quote, provenance: provenanceFields(provenance) });

/**
 * The same in words, in front of the reply, with a line end behind it. Quoted lines are marked and indented: whatever
 * they say, none passes for a message or for a note of Kept's.
 */
export const repliedInWords = (replied: RepliedMessage): string => {
  const { messageId, from, isOurs, text, quote } = replied;
  const which = messageId === undefined ? 'a message of another chat' : `message ${plainId(messageId)}`;
  const whose = isOurs ? ', which you sent' : from === undefined ? '' : `, from ${from}`;
  const quoted = (words: string): string =>
    linesOf(words)
      .map((line) => `  > ${line}\n`)
      .join('');
  if (text === undefined && quote === undefined) return `(In reply to ${which}${whose}, which cannot be seen.)\n`;
  if (text === undefined) return `(In reply to this part of ${which}${whose}:)\n${quoted(quote ?? '')}`;
  return `(In reply to ${which}${whose}:)\n${quoted(text)}${quote === undefined ? '' : `(This part of it is meant:)\n${quoted(quote)}`}`;
};
