import { stripVTControlCharacters } from 'node:util';

/**
 * Removes everything that a terminal obeys: escape sequences, control characters except line feed, and characters that
 * reorder text (bidirectional embeddings, overrides, isolates and marks). Tabs become spaces, every kind of line end a
 * line feed.
 */
export const stripControl = (text: string): string =>
  stripVTControlCharacters(withoutCommands(text.toWellFormed()))
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(/\t/g, '    ')
    .replace(NOT_SHOWN, '');

const NOT_SHOWN = /(?!\n)\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const [BELL, ESCAPE, TERMINATOR] = ['\u0007', '\u001b', '\u009c'];
const COMMAND = `${ESCAPE}]`;
const END_OF_COMMAND = new RegExp(`${BELL}|${ESCAPE}\\\\|${TERMINATOR}`, 'g');

/**
 * Removes operating system commands (`ESC ]` to `BEL` or `ESC \`). If one has no end, no later one has: Node would
 * search for the end again from each of them.
 */
const withoutCommands = (text: string): string => {
  let kept = '';
  let at = 0;
  for (let start = text.indexOf(COMMAND); start >= 0; start = text.indexOf(COMMAND, at)) {
    END_OF_COMMAND.lastIndex = start;
    if (!END_OF_COMMAND.test(text)) return kept + text.slice(at).replaceAll(COMMAND, '');
    kept += text.slice(at, start);
    at = END_OF_COMMAND.lastIndex;
  }
  return kept + text.slice(at);
};

/** The same, on one line. */
export const oneLine = (text: string): string => stripControl(text).replace(/\s+/g, ' ').trim();
