import { RE2JS } from 're2js';

/** A pattern that is matched in time linear to the text: no pattern that a chat may send can explode. */
export interface Pattern {
  test(line: string): boolean;
}

const LOOK_AHEAD = /\(\?=|\(\?!/;
/** `\\1` is a backslash and a 1, `\1` refers to a group. */
const REFERENCE = /(?<!\\)(?:\\\\)*\\(?:[1-9]|k<)/;
const NO_LINEAR_MATCH = 'look-aheads (?=…) (?!…) and references to groups such as \\1 are not supported: search for a simpler pattern';

/** Parses a JavaScript regular expression. Throws `SyntaxError` if it is not one, or has no linear-time match. */
export const readPattern = (source: string, ignoreCase: boolean): Pattern => {
  if (REFERENCE.test(source)) throw new SyntaxError(NO_LINEAR_MATCH);
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source), RE2JS.LOOKBEHINDS | (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // If JavaScript refuses the pattern too, its message is the familiar one.
    new RegExp(source);
    throw new SyntaxError(
      LOOK_AHEAD.test(source)
        ? NO_LINEAR_MATCH
        : `${error.message.replace(/^error parsing regexp: /, '')} (repetitions over 1000 and some classes are not supported)`,
      { cause: error },
    );
  }
};
