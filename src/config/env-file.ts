import type { ConfigProblem } from './problems.ts';
import { error, warning } from './problems.ts';

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/;
/** Allowed after the closing quote. */
const AFTER_QUOTE = /^\s*(?:#.*)?$/;

/**
 * The variables of a `.env` file (the format of https://github.com/motdotla/dotenv, strictly), and its problems by
 * line. Every well-formed line is read. A malformed line is never quoted: it may contain a key.
 */
export const readEnvFile = (
  content: Uint8Array,
): {
  readonly variables: Readonly<Record<string, string>>;
  /** The line of each variable, counted from 1. */
  readonly lines: ReadonlyMap<string, number>;
  readonly problems: readonly ConfigProblem[];
} => {
  const problems: ConfigProblem[] = [];
  const refuse = (at: number, problem: string, hint: string): void => void problems.push(error(placeOf(at), problem, hint));
  const lines = textLines(content).map((line, at) => {
    if (!line.includes('\uFFFD') && !line.includes('\0')) return line;
    const problem = line.includes('\0') ? 'this holds a NUL character' : 'this holds a character that is broken, or not UTF-8';
    refuse(at, problem, 'save the file as plain text in UTF-8');
    return '';
  });

  const given = new Map<string, { readonly value: string; readonly at: number }>();
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, written = ''] = ASSIGNMENT.exec(line) ?? [];
    if (name === undefined) {
      refuse(at, 'this is neither blank, nor a comment, nor NAME=value', 'write NAME=value, or put # before it');
      continue;
    }
    const read = /^["'`]/.test(written) ? readQuoted([written, ...lines.slice(at + 1)]) : { value: bare(written), lines: 1 };
    if (!read) {
      refuse(
        at,
        `the quote that opens the value of ${name} is not closed at the end of a line`,
        'close it, or quote the value with another mark',
      );
      continue;
    }
    if (isHalfQuoted(written))
      problems.push(warning(placeOf(at), `the value of ${name} ends with a quote that none opens`, 'quote all of the value, or nothing'));
    const before = given.get(name);
    if (before)
      problems.push(warning(placeOf(at), `${name} is given in line ${before.at + 1} too: the last one counts`, 'keep one of them'));
    given.set(name, { value: read.value, at });
    at += read.lines - 1;
  }
  return {
    variables: Object.fromEntries([...given].map(([name, { value }]) => [name, value])),
    lines: new Map([...given].map(([name, { at }]) => [name, at + 1])),
    problems,
  };
};

const placeOf = (at: number): string => `.env: line ${at + 1}`;

const textLines = (content: Uint8Array): string[] => new TextDecoder().decode(content).split(/\r\n?|\n/);

const isHalfQuoted = (written: string): boolean => {
  const value = bare(written);
  const [mark = ''] = /["'`”’]$/.exec(value) ?? [];
  return mark !== '' && !/^["'`]/.test(written) && value.split(mark).length === 2;
};

const bare = (written: string): string => written.replace(/#.*$/, '').trim();

/**
 * The quoted value at the beginning of the first line. It ends at the first such quote that is not escaped and ends a
 * line.
 */
const readQuoted = (lines: readonly string[]): { readonly value: string; readonly lines: number } | undefined => {
  const text = lines.join('\n');
  const mark = text[0] as string;
  for (let end = text.indexOf(mark, 1); end !== -1; end = text.indexOf(mark, end + 1)) {
    if (text[end - 1] === '\\') continue;
    const [rest = ''] = text.slice(end + 1).split('\n', 1);
    if (!AFTER_QUOTE.test(rest)) return undefined;
    const value = text.slice(1, end);
    return {
      value: mark === '"' ? value.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : value,
      lines: value.split('\n').length,
    };
  }
  return undefined;
};
