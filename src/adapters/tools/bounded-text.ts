import { wholeWordsOf } from '../../domain/shared/excerpt.ts';

/** How much one call of a tool may add to a conversation, in UTF-16 units. */
export const MAX_OUTPUT_LENGTH = 20_000;

/** The text, or as much of its beginning as fits with a word on what was cut. */
export const bounded = (text: string): string => {
  if (text.length <= MAX_OUTPUT_LENGTH) return text;
  const kept = wholeWordsOf(text, MAX_OUTPUT_LENGTH - 100);
  return `${kept}\n[cut here: ${text.length - kept.length} of ${text.length} characters are not shown]`;
};

/** `head`, then as many of the lines as fit, then how many did not. */
export const boundedLines = (head: readonly string[], lines: readonly string[]): string => {
  const kept = [...head];
  let length = head.join('\n').length;
  let shown = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > MAX_OUTPUT_LENGTH - 100) break;
    kept.push(line);
    shown++;
  }
  return [...kept, ...(shown < lines.length ? [`[cut here: ${lines.length - shown} more lines are not shown]`] : [])].join('\n');
};
