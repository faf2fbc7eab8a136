import { withCarefulDelimiters } from './as-written-emphasis.js';

/**
 * A plugin for markdown-it: what models write in passing, and nobody means as Markdown, stays as it was written. Such
 * are addresses, paths, patterns of file names, arithmetic, formulas, JSON and names in code. Where a script has no
 * blanks between words, emphasis may stand beside punctuation. Whole blocks: see `as-written-blocks.js`.
 *
 * Plain JavaScript, because the web page loads this file as it is.
 */
export const asWritten = (parser) => {
  const { inline } = parser;
  inline.State = withCarefulDelimiters(inline.State);
  inline.ruler.before('linkify', 'address', address);
  inline.ruler.before('escape', 'formula', formula);
  inline.ruler.before('escape', 'backslash', backslash);
  inline.ruler.before('emphasis', 'special-name', specialName);
  inline.ruler.before('link', 'index', index);
  inline.ruler.before('link', 'json', json);
  inline.ruler.before('autolink', 'less-than', lessThan);
};

// Addresses

const MAX_ADDRESS = 8_000;
const SCHEME = /(?:^|[^a-z0-9+.-])([a-z][a-z0-9+.-]{1,20})$/i;
/** Quotes and the signs that end a sentence in Chinese and Japanese are written into addresses by nobody. */
const REST_OF_ADDRESS = /^:\/\/(?:\[[\da-f:.]+\])?[^\s<>"'`[\]“”„‟«»‹›。，、；！？「」『』【】《》〈〉]+/i;

/** A bare address is text from its beginning to its end; one of the web is a link to itself. */
const address = (state, silent) => {
  const { src, pos } = state;
  if (src[pos] !== ':') return false;
  const scheme = SCHEME.exec(src.slice(Math.max(0, pos - 22), pos))?.[1];
  const found = scheme && REST_OF_ADDRESS.exec(ahead(state, MAX_ADDRESS))?.[0];
  const rest = found ? withoutEndOfSentence(found, openMarks(state)) : '';
  if (rest.length < 4) return false;
  if (!silent) {
    // Its scheme may be the end of the address before.
    if (!state.pending.endsWith(scheme)) return false;
    const isLink = state.linkLevel === 0 && /^https?$/i.test(scheme) && state.md.validateLink(scheme + rest);
    if (isLink) {
      state.pending = state.pending.slice(0, -scheme.length);
      state.push('link_open', 'a', 1).attrs = [['href', scheme + rest]];
      state.push('text', '', 0).content = scheme + rest;
      state.push('link_close', 'a', -1);
    } else state.pending += rest;
  }
  state.pos = pos + rest.length;
  return true;
};

const ahead = ({ src, pos, posMax }, length) => src.slice(pos, Math.min(posMax, pos + length));

/** Marks of emphasis that wait here for their end, also those that spoilers are made of. */
const openMarks = ({ delimiters }) => {
  const open = new Map([['|', 1]]);
  for (const { marker, open: opens, close: closes } of delimiters) {
    const mark = String.fromCharCode(marker);
    open.set(mark, Math.max(0, (open.get(mark) ?? 0) + (opens ? 1 : 0) - (closes ? 1 : 0)));
  }
  return new Set([...open].flatMap(([mark, count]) => (count > 0 ? [mark] : [])));
};

const ANY_MARK = new Set('*_~|');

/** The address without what ends the sentence or the emphasis around it, nor a bracket that was opened before it. */
const withoutEndOfSentence = (written, marks = ANY_MARK) => {
  let end = written.length;
  let unopened = 0;
  for (const letter of written) unopened += /[)）]/.test(letter) ? 1 : /[(（]/.test(letter) ? -1 : 0;
  for (; end > 0; end--) {
    const last = written[end - 1];
    if (/[)）]/.test(last) ? unopened-- <= 0 : !/[.,;:!?…\\]/.test(last) && !marks.has(last)) break;
  }
  return written.slice(0, end);
};

/** What stands between `<` and `>` is an address where its scheme is one that people send each other. */
const AUTOLINK = /^<(?:(?:https?|ftp|mailto|tel|tg):|[^\s<>:/@]+@)/i;

const lessThan = (state, silent) => state.src[state.pos] === '<' && !AUTOLINK.test(ahead(state, 100)) && take(state, 1, silent);

/** Takes the next letters as text. */
const take = (state, length, silent) => {
  if (!silent) state.pending += state.src.slice(state.pos, state.pos + length);
  state.pos += length;
  return true;
};

// Code and paths

/** The parser drops a backslash before any sign. Here only before a sign that would else be read as Markdown. */
const ESCAPE = /^\\(?:[*_~|#>$<&`]|\[(?!\s)|\]|\\(?=[*_~|[\]`])|!(?=\[))/;
/** `1\. not a list`, `\- nor this`. */
const ESCAPE_OF_LINE = /\n[ \t]*(?:\d+\\[.)]|\\[-+])$/;
const START_OF_PATH = /(?:^|[^\p{L}\p{N}.])(?:[a-z]:|\.{1,2}|~|%[\w()]+%|HK(?:LM|CU|CR|EY_[A-Z_]+))$/iu;
const REST_OF_PATH = /^\\[^\s"'`<>|]*/;

const backslash = (state, silent) => {
  const { src, pos } = state;
  if (src[pos] !== '\\') return false;
  if (src[pos - 1] === '¯') return take(state, 2, silent);
  const path = isPath(src, pos) ? withoutEndOfSentence(REST_OF_PATH.exec(ahead(state, MAX_ADDRESS))?.[0] ?? '', openMarks(state)) : '';
  if (path.length > 0) return take(state, path.length, silent);
  const isClosing = src[pos + 1] === ']' && /\s/.test(src[pos - 1] ?? ' ');
  if (ESCAPE.test(ahead(state, 3)) && !isClosing) return false;
  if (ESCAPE_OF_LINE.test(`${pos > 20 ? '' : '\n'}${src.slice(Math.max(0, pos - 20), pos + 2)}`)) return false;
  return take(state, 1, silent);
};

/** Whether a path of Windows is here: `C:\…`, `.\…`, `%TEMP%\…`, `HKLM\…`, `\\server\…`. */
const isPath = (src, pos) =>
  START_OF_PATH.test(src.slice(Math.max(0, pos - 30), pos)) || /^\\\\[\w.$-]+\\\w/.test(src.slice(pos, pos + 100));

/** Names that programmers know, and that would else be bold; any that is called, or made of several words. */
const SPECIAL_NAME = new RegExp(
  String.raw`^__(?:[A-Za-z\d]+(?:_[A-Za-z\d]+)+__|[a-z]\w*?__(?=\()|(?:${[
    'abs|add|aenter|aexit|aiter|all|and|anext|annotations|asm|author|await|bases|bool|bytes|call|class|closure|code|complex',
    'contains|copy|debug|deepcopy|defaults|defineGetter|del|delattr|delete|delitem|device|dict|dir|dirname|div|divmod|doc|enter',
    'eq|exit|file|filename|fixtures|float|floordiv|format|future|ge|get|getattr|getattribute|getitem|global|globals|gt|hash|host',
    'iadd|import|index|init|inline|int|invert|ior|isub|iter|kwdefaults|le|len|loader|lshift|lt|main|matmul|missing|mocks|mod',
    'module|mro|mul|name|ne|neg|new|next|or|package|path|pos|pow|prepare|proto|pycache|qualname|radd|reduce|repr|restrict',
    'reversed|rmul|round|rshift|self|set|setattr|setitem|setstate|shared|sizeof|slots|snapshots|spec|str|sub|subclasses',
    'tests|traceback|truediv|type|typename|unused|version|volatile|weakref|wrapped|xor',
    'CLASS|COUNTER|DATE|DIR|FILE|FUNCTION|LINE|METHOD|NAMESPACE|STDC|TIME|TIMESTAMP',
  ].join('|')})__)`,
);

const specialName = (state, silent) => {
  const { src, pos } = state;
  if (src[pos] !== '_' || /[\p{L}\p{N}_]/u.test(src[pos - 1] ?? ' ')) return false;
  const name = SPECIAL_NAME.exec(ahead(state, 60))?.[0];
  return name !== undefined && !/[\p{L}\p{N}_]/u.test(src[pos + name.length] ?? ' ') && take(state, name.length, silent);
};

/** What a formula of TeX stands between, on one line. */
const FORMULA = /^(?:\\\((.+?)\\\)|\\\[(.+?)\\\]|\$\$(.+?)\$\$|\$(?!\s)([^$\n]+?)(?<!\s)\$(?!\d))/;
const MAX_FORMULA = 1_000;
const IN_FORMULA = /\\[a-z{}_#&%,;!|]|\^|[\p{L}\p{N})}]_[\p{L}\p{N}{]|[={}]/iu;
/** Money and variables of a shell stand behind `$`, too. */
const BEHIND_DOLLAR = /\\[a-z{}_#&%,;!|]|[_^]\{|\^[\p{L}\p{N}*]/iu;

const formula = (state, silent) => {
  if (!/[\\$]/.test(state.src[state.pos])) return false;
  const [whole = '', ...within] = FORMULA.exec(ahead(state, MAX_FORMULA)) ?? [];
  const isFormula = within[3] === undefined ? IN_FORMULA.test(within.join('')) : BEHIND_DOLLAR.test(within[3]);
  return isFormula && take(state, whole.length, silent);
};

const JSON_BEGINS = /^\{\s*"(?:[^"\\\n]|\\.)*"\s*:/;
const MAX_JSON = 2_000;

/** An object of JSON is taken as a whole. */
const json = (state, silent) => {
  const text = state.src[state.pos] === '{' ? ahead(state, MAX_JSON) : '';
  if (!JSON_BEGINS.test(text)) return false;
  let depth = 0;
  for (const { 0: found, index } of text.matchAll(/"(?:[^"\\\n]|\\.)*"|[[\]{}\n]/g)) {
    if (found === '\n') return false;
    if (found === '{' || found === '[') depth++;
    else if (found === '}' || found === ']') depth--;
    if (depth === 0) return take(state, index + 1, silent);
  }
  return false;
};

/** `handlers[name](event)`: behind a name stands an index, and no link, unless an address follows. */
const index = (state, silent) => {
  const { src, pos } = state;
  if (src[pos] !== '[' || !/[\w)\]]/.test(src[pos - 1] ?? ' ')) return false;
  const end = state.md.helpers.parseLinkLabel(state, pos);
  return end >= 0 && src[end + 1] === '(' && !/^\(\s*<?[a-z][a-z0-9+.-]+:/i.test(src.slice(end + 1, end + 40)) && take(state, 1, silent);
};
