/**
 * A plugin for markdown-it: what models write in passing, and nobody means as Markdown, stays as it was written. Such
 * are addresses, paths, patterns of file names, arithmetic, names in code and cron expressions. Where a script has no
 * blanks between words, emphasis may stand beside punctuation.
 *
 * Plain JavaScript, because the web page loads this file as it is.
 */
export const asWritten = (parser) => {
  const { block, inline } = parser;
  inline.State = withCarefulDelimiters(inline.State);
  inline.ruler.before('linkify', 'address', address);
  inline.ruler.before('escape', 'backslash', backslash);
  inline.ruler.before('emphasis', 'special-name', specialName);
  inline.ruler.before('link', 'index', index);
  inline.ruler.before('autolink', 'less-than', lessThan);
  const { blockquote, paragraph } = ownRules(parser, 'blockquote', 'paragraph');
  const isComparison = (state, line) => NO_QUOTE.test(lineOf(state, line));
  block.ruler.at('blockquote', (state, line, ...rest) => !isComparison(state, line) && blockquote(state, line, ...rest), {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  });
  block.ruler.before('hr', 'cron', (state, line, end, silent) => !silent && CRON.test(lineOf(state, line)) && paragraph(state, line, end));
};

/** The parser's rules of these names, as they come with it. */
const ownRules = (parser, ...names) =>
  Object.fromEntries(
    names.map((name) => {
      const { ruler } = new parser.constructor().block;
      ruler.enableOnly(name);
      return [name, ruler.getRules('')[0]];
    }),
  );

const lineOf = (state, line) => state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);

/** `>= 5`, `>5`, `>>> print()`: a comparison, a redirection or a prompt. */
const NO_QUOTE = /^>(?:[=\d]|>+(?:\s|\S*$))/;
/** `* * * * *`, `* 9 * * 1-5 make`: five fields, of which the first would else begin a list. */
const CRON = /^\*(?:[ \t]+(?:\*(?:\/\d+)?|\d[\d,/-]*|[A-Z]{3}(?:-[A-Z]{3})?)){4}(?:[ \t]|$)/;

// Addresses

const MAX_ADDRESS = 8_000;
const SCHEME = /(?:^|[^a-z0-9+.-])([a-z][a-z0-9+.-]{1,20})$/i;
const REST_OF_ADDRESS = /^:\/\/[^\s<>"'`[\]]+/;

/** A bare address is text from its beginning to its end; one of the web is a link to itself. */
const address = (state, silent) => {
  const { src, pos } = state;
  if (src[pos] !== ':') return false;
  const scheme = SCHEME.exec(src.slice(Math.max(0, pos - 22), pos))?.[1];
  const found = scheme && REST_OF_ADDRESS.exec(ahead(state, MAX_ADDRESS))?.[0];
  const rest = found ? withoutEndOfSentence(found) : '';
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

/** The address without what ends the sentence around it, nor a bracket that was opened before it. */
const withoutEndOfSentence = (written) => {
  let end = written.length;
  let unopened = 0;
  for (const letter of written) unopened += letter === ')' ? 1 : letter === '(' ? -1 : 0;
  for (; end > 0; end--) {
    const last = written[end - 1];
    if (last === ')' ? unopened-- <= 0 : !/[.,;:!?*_~}|\\]/.test(last)) break;
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
const REST_OF_PATH = /^\\[^\s"'`<>|]*/;

const backslash = (state, silent) => {
  const { src, pos } = state;
  if (src[pos] !== '\\') return false;
  const path = isPath(src, pos) ? withoutEndOfSentence(REST_OF_PATH.exec(ahead(state, MAX_ADDRESS))?.[0] ?? '') : '';
  if (path.length > 0) return take(state, path.length, silent);
  const isClosing = src[pos + 1] === ']' && /\s/.test(src[pos - 1] ?? ' ');
  if (ESCAPE.test(ahead(state, 3)) && !isClosing) return false;
  if (ESCAPE_OF_LINE.test(`${pos > 20 ? '' : '\n'}${src.slice(Math.max(0, pos - 20), pos + 2)}`)) return false;
  return take(state, 1, silent);
};

/** Whether a path of Windows is here: `C:\…`, `\\server\…`. */
const isPath = (src, pos) =>
  /(?:^|[^\p{L}\p{N}])[a-z]:$/iu.test(src.slice(Math.max(0, pos - 3), pos)) || /^\\\\[\w.$-]+\\\w/.test(src.slice(pos, pos + 100));

/** Names that programmers know, and that would else be bold. */
const SPECIAL_NAME =
  /^__(?:all|author|bases|bool|call|class|contains|debug|defineGetter|del|delitem|dict|dirname|doc|enter|eq|exit|file|filename|fixtures|future|get|getattr|getitem|hash|import|init|iter|len|lt|main|mocks|module|mro|name|new|next|package|path|proto|pycache|repr|set|setattr|setitem|slots|snapshots|str|sub|tests|type|typename|version|add|aenter|aexit|aiter|anext|await)__/;

const specialName = (state, silent) => {
  const { src, pos } = state;
  if (src[pos] !== '_' || /[\p{L}\p{N}_]/u.test(src[pos - 1] ?? ' ')) return false;
  const name = SPECIAL_NAME.exec(ahead(state, 30))?.[0];
  return name !== undefined && !/[\p{L}\p{N}_]/u.test(src[pos + name.length] ?? ' ') && take(state, name.length, silent);
};

/** `handlers[name](event)`: behind a name stands an index, and no link, unless an address follows. */
const index = (state, silent) => {
  const { src, pos } = state;
  if (src[pos] !== '[' || !/[\w)\]]/.test(src[pos - 1] ?? ' ')) return false;
  const end = state.md.helpers.parseLinkLabel(state, pos);
  return end >= 0 && src[end + 1] === '(' && !/^\(\s*<?[a-z][a-z0-9+.-]+:/i.test(src.slice(end + 1, end + 40)) && take(state, 1, silent);
};

// Emphasis

/**
 * The parser's state, with emphasis that begins where a word begins and ends where one ends: not within a name, a path
 * or a product. Otherwise by CommonMark, where a letter of a script without blanks counts as a blank beside punctuation
 * (https://github.com/tats-u/markdown-cjk-friendly/blob/main/specification.md).
 */
const withCarefulDelimiters = (State) =>
  class extends State {
    scanDelims(start, canSplitWord) {
      const { src, posMax } = this;
      const run = runAt(src, start, posMax);
      const { before, after } = run;
      const [from, to] = [kindOf(before), kindOf(after)];
      const isLeft = to !== 'blank' && (to !== 'sign' || from !== 'letter');
      const isRight = from !== 'blank' && (from !== 'sign' || to !== 'letter');
      const isQuoted = QUOTED.has(before + after);
      return {
        can_open: isLeft && (canSplitWord || !isRight || from === 'sign') && !isQuoted && beginsWord(src, run),
        can_close: isRight && (canSplitWord || !isLeft || to === 'sign') && !isQuoted && (endsWord(src, run) || isHugged(src, run)),
        length: run.end - start,
      };
    }
  };

/** A mark alone between these is what is spoken of: `"*"`, `(**)`. */
const QUOTED = new Set(['""', "''", '“”', '‘’', '«»', '()', '[]', '{}', '<>', '（）', '「」', '||']);

const runAt = (src, start, posMax) => {
  const mark = src[start];
  let end = start;
  while (end < posMax && src[end] === mark) end++;
  const before = start === 0 ? ' ' : letterBefore(src, start);
  const after = end < posMax ? String.fromCodePoint(src.codePointAt(end)) : ' ';
  // One underscore or more is much used in names; a pair of the others is not.
  return { mark, start, end, before, after, isPair: end - start > 1 && mark !== '_' };
};

const letterBefore = (src, at) => String.fromCodePoint(src.codePointAt(at > 1 && /[\udc00-\udfff]/.test(src[at - 1]) ? at - 2 : at - 1));

const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{Script=Javanese}\u3001-\u303f\u30fb\u30fc\uff01-\uffee]/u;
const kindOf = (letter) => {
  if (/\s/u.test(letter)) return 'blank';
  if (UNSPACED.test(letter)) return 'unspaced';
  return /[\p{P}\p{S}]/u.test(letter) ? 'sign' : 'letter';
};

const BEFORE_WORD = /[([{<>"'“‘«‹„‚¿¡–—…|*_~\s]/u;
const BEFORE_PAIR = /[^\p{L}\p{N})\]}%$#&@^\\]/u;
const AFTER_WORD = /[)\]}>"'”’»›!?;…|*_~–—\s-]/u;

const beginsWord = (src, { end, before, after, isPair }) => {
  if (after === '/' || after === '\\' || (after === '.' && !isPair && /\w/.test(src[end + 1] ?? ''))) return false;
  return UNSPACED.test(before) || (isPair ? BEFORE_PAIR : BEFORE_WORD).test(before);
};

const endsWord = (src, { end, after }) =>
  UNSPACED.test(after) || AFTER_WORD.test(after) || (/[.,:]/.test(after) && !/[\p{L}\p{N}_*]/u.test(src[end + 1] ?? ' '));

const MAX_WORD = 100;

/** Whether a pair in the middle of a word, such as `**key**board`, ends what begins with that word. */
const isHugged = (src, { mark, start, before, isPair }) => {
  if (!isPair || !/[\p{L}\p{N}\p{P}]/u.test(before)) return false;
  const word = src.slice(Math.max(0, start - MAX_WORD), start);
  const from = word.search(/\S+$/) + start - word.length;
  const at = src.indexOf(mark + mark, from);
  return at >= 0 && at < start - 2 && beginsWord(src, runAt(src, at, src.length));
};
