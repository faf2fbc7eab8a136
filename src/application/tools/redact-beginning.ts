import { beginningOf } from '../../domain/shared/excerpt.ts';
import type { Redact } from '../../ports/redact.ts';

/** Longer than any secret, so that a secret which a cut leaves in part lies within this margin. */
const MARGIN = 8_192;

/**
 * The beginning of a text, redacted, at most `length` long. No secret is cut in two; of a huge text, little is read.
 */
export const redactBeginning = (redact: Redact, text: string, length: number): string => redactedBeginning(redact, text, length).text;

/** The beginning, and whether the text is longer. */
export const redactedBeginning = (redact: Redact, text: string, length: number): { readonly text: string; readonly isCut: boolean } => {
  if (text.length > length + MARGIN) {
    const redacted = redact(beginningOf(text, length + MARGIN));
    return { text: beginningOf(redacted, Math.min(length, Math.max(0, redacted.length - MARGIN))), isCut: true };
  }
  const redacted = redact(text);
  return { text: beginningOf(redacted, length), isCut: redacted.length > length };
};

/** The note below a text that was cut. */
export const CUT_NOTE = '(The answer was cut here: it reached its greatest length.)';
