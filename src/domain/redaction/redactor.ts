import { asRead } from './as-read.ts';
import { eachValueOfSecret, KEY_BLOCK, PUTTY_KEY, USER_INFO } from './blocks.ts';
import { knownValues, makeSqueezedSearch } from './known-values.ts';
import { MAY_NAME_SECRET, NAMED_VALUES, type NamedValue } from './named-values.ts';
import { merged, REDACTED, type Span, withoutSpans } from './spans.ts';
import { BOT_TOKEN, SIGNED_WITHIN, TOKEN, WEBHOOK } from './tokens.ts';
import { MAY_HOLD_IN_CONTEXT, VALUES_IN_CONTEXT } from './values-in-context.ts';

/** Where a text is secret: in order, none over another. */
export type FindSecrets = (text: string) => readonly Span[];
type Add = (start: number, end: number) => void;

/** What finds the given values, in every form in which they are written, and whatever has the shape of a secret. */
export const makeSecretFinder = (secrets: readonly string[]): FindSecrets => {
  const values = knownValues(secrets);
  const addSqueezed = makeSqueezedSearch(secrets);
  const find = (text: string): Span[] => {
    const found: Span[] = [];
    const add: Add = (start, end) => {
      found.push({ start, end });
    };
    if (values) addWhole(text, values, add);
    addSqueezed(text, add);
    addShapes(text, add);
    addNamedValues(text, MAY_NAME_SECRET, NAMED_VALUES, add);
    addNamedValues(text, MAY_HOLD_IN_CONTEXT, VALUES_IN_CONTEXT, add);
    return found;
  };
  return (text) => {
    const found = find(text);
    const read = asRead(text);
    if (read) found.push(...find(read.text).map(read.written));
    return found.length === 0 ? found : merged(found).filter(({ start, end }) => text.slice(start, end) !== REDACTED);
  };
};

/** What takes every secret out of a text. */
export const makeTextRedactor = (secrets: readonly string[]): ((text: string) => string) => {
  const find = makeSecretFinder(secrets);
  return (text) => withoutSpans(text, find(text));
};

/**
 * Every match of a global expression. Short texts are the usual ones: for those, `matchAll` costs more than the search.
 */
const each = (text: string, shape: RegExp, use: (found: RegExpExecArray) => void): void => {
  shape.lastIndex = 0;
  for (let found = shape.exec(text); found; found = shape.exec(text)) use(found);
};
const addWhole = (text: string, shape: RegExp, add: Add): void =>
  each(text, shape, ({ 0: found, index }) => add(index, index + found.length));

/** Each search is made only where a text holds what it can't be without. */
const addShapes = (text: string, add: Add): void => {
  addWhole(text, TOKEN, add);
  if (text.includes(':')) addWhole(text, BOT_TOKEN, add);
  for (const [sign, shape] of SIGNED_WITHIN) if (text.includes(sign)) addWhole(text, shape, add);
  if (text.includes('-----BEGIN ')) addWhole(text, KEY_BLOCK, add);
  if (text.includes('PuTTY-User')) addWhole(text, PUTTY_KEY, add);
  if (text.includes('://'))
    each(text, USER_INFO, ({ 0: found, 1: password, 2: name = '', index }) => {
      const end = index + found.length - 1;
      add(end - (password ?? name).length, end);
    });
  eachValueOfSecret(text, (value, at) => add(at, at + value.length));
  if (text.includes('hook'))
    each(text, WEBHOOK, ({ 0: found, 1: key = '', index }) => add(index + found.length - key.length, index + found.length));
};

/** Looks at those lines alone that may name a secret. */
const addNamedValues = (text: string, mayHold: RegExp, values: readonly NamedValue[], add: Add): void => {
  let at = 0;
  each(text, mayHold, ({ 0: hit, index }) => {
    if (index + hit.length <= at) return;
    const start = Math.max(at, text.lastIndexOf('\n', index) + 1);
    at = endOfLines(text, index + hit.length);
    addFrom(text.slice(start, at), start, values, add);
  });
};
/** The end of the line; of the next one, where nothing follows on this one. */
const endOfLines = (text: string, at: number): number => {
  const first = text.indexOf('\n', at);
  if (first < 0) return text.length;
  if (first - at > 8 || !/^[\s|>+\d-]*$/.test(text.slice(at, first))) return first;
  const second = text.indexOf('\n', first + 1);
  return second < 0 ? text.length : second;
};
const addFrom = (lines: string, offset: number, values: readonly NamedValue[], add: Add): void => {
  for (const { pattern, holds } of values)
    each(lines, pattern, (match) => {
      const value = match.at(-1) ?? '';
      const end = match.index + match[0].length;
      if (value !== '' && holds(value, lines.slice(end, end + 2))) add(offset + end - value.length, offset + end);
    });
};
