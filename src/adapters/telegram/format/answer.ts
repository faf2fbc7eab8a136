import { inReadingOrder } from './direction.ts';
import type { FormattedText } from './formatted-text.ts';
import { toTelegramText } from './markdown.ts';
import { MAX_TEXT_LENGTH, splitText } from './split-text.ts';

/** An answer of more messages than this would flood a chat: it goes as a file. */
export const MAX_PARTS = 8;
/** The most that may stand below a file (https://core.telegram.org/api/config#caption-length-limit-default). */
const MAX_CAPTION_LENGTH = 1_024;
const CONTINUED = '\n\n… the whole answer is in the file.';

export type TelegramAnswer =
  | { readonly kind: 'messages'; readonly parts: readonly FormattedText[] }
  | { readonly kind: 'file'; readonly file: AnswerFile; readonly caption: FormattedText };

export interface AnswerFile {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Buffer;
}

/**
 * How an answer is sent: as messages in this order, or, past `MAX_PARTS` of them, as one file with the answer's
 * beginning as its caption. The same Markdown always gives the same answer, so a repeated send repeats it to the
 * letter. There are no messages where there is nothing to see.
 */
export const toTelegramAnswer = (markdown: string): TelegramAnswer => {
  const formatted = toTelegramText(markdown);
  const parts = splitText(formatted, MAX_TEXT_LENGTH, MAX_PARTS + 1);
  if (parts.length <= MAX_PARTS) return { kind: 'messages', parts };
  const [beginning] = splitText(formatted, MAX_CAPTION_LENGTH - CONTINUED.length, 1);
  const caption = { text: `${beginning?.text ?? ''}${CONTINUED}`, entities: beginning?.entities ?? [] };
  return { kind: 'file', file: asFile(markdown), caption };
};

/**
 * The answer as its author wrote it, but for marks of direction: Markdown reads well in any editor, and nothing is lost
 * to formatting.
 */
export const asFile = (markdown: string): AnswerFile => ({
  name: 'answer.md',
  mimeType: 'text/markdown',
  bytes: Buffer.from(inReadingOrder(markdown.toWellFormed()), 'utf8'),
});
