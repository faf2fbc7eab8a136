/**
 * The state of markdown-it's parser, with emphasis that begins where a word begins and ends where one ends: not within
 * a name, a path or a product. Otherwise by CommonMark, where a letter of a script without blanks counts as a blank
 * beside punctuation (https://github.com/tats-u/markdown-cjk-friendly/blob/main/specification.md).
 */
export const withCarefulDelimiters = (State) =>
  class extends State {
    scanDelims(start, canSplitWord) {
      const { src, posMax } = this;
      const run = runAt(src, start, posMax);
      const { before, after } = run;
      const [from, to] = [kindOf(before), kindOf(after)];
      const isLeft = to !== 'blank' && (to !== 'sign' || from !== 'letter');
      const isRight = from !== 'blank' && (from !== 'sign' || to !== 'letter' || endsLead(src, run));
      const isQuoted = QUOTED.has(before + after);
      return {
        can_open: isLeft && (canSplitWord || !isRight || from === 'sign') && !isQuoted && beginsWord(src, run),
        can_close:
          isRight &&
          (canSplitWord || !isLeft || to === 'sign') &&
          !isQuoted &&
          (endsWord(src, run) || isHugged(src, run) || endsLead(src, run)),
        length: run.end - start,
      };
    }
  };

/** A mark alone between these is what is spoken of: `"*"`, `(**)`. */
const QUOTED = new Set(['""', "''", '“”', '‘’', '«»', '()', '[]', '{}', '<>', '（）', '「」', '||', '><', '**', '--', '__']);

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

/** A mark alone stands also in `{{*x*}}`, which is a template. */
const BEFORE_WORD = /[([<>"'|*_~\s]|(?![ -~])\p{P}/u;
/** One letter before a word is a word of its own in Arabic and Hebrew. */
const BEFORE_PAIR = /[^\p{L}\p{N})\]}%$#&@^\\]|\p{Script=Arabic}|\p{Script=Hebrew}/u;
const AFTER_WORD = /[)\]}>"'!?;|*_~\s-]|(?![ -~])\p{P}/u;
/** What no word begins with. */
const NO_BEGINNING = /[/\\,;)\]}]/;
/** `*.*`, `*:*`, `*_*`: nothing but signs between two marks. */
const ONLY_SIGNS = { '*': /^[!-)+-/:-@[-`{-~]{1,3}\*/, _: /^[!-/:-@[-^`{-~]{1,3}_/, '~': /^[!-/:-@[-`{-}]{1,3}~/ };

const beginsWord = (src, run) => {
  const { end, before, after, isPair } = run;
  if ((NO_BEGINNING.test(after) && !isPath(src, run)) || (!isPair && isPartOfName(src, run))) return false;
  if (!isPair && (after === ':' || (after === '.' && /\w/.test(src[end + 1] ?? '')))) return false;
  return UNSPACED.test(before) || (isPair ? BEFORE_PAIR : BEFORE_WORD).test(before);
};

/** Whether a command or a path alone is emphasised: `**` around `/new`. In a pattern, marks stand beside a slash. */
const isPath = (src, { start, end }) => {
  const rest = src.slice(end, end + MAX_TERM);
  const close = rest.indexOf(src.slice(start, end));
  const behind = rest.slice(close + end - start);
  return close > 0 && /^\/[\w./-]*\w$/.test(rest.slice(0, close)) && !/^(?:[\w/*]|\.\w)/.test(behind);
};

/** Whether a mark alone belongs to a name, a pattern, a face or a product. */
const isPartOfName = (src, { mark, start, end, before, after }) =>
  ONLY_SIGNS[mark]?.test(src.slice(end, end + 4)) ||
  /[\p{L}\p{N}]_[*_~]*$/u.test(src.slice(Math.max(0, start - 8), start)) ||
  // Between words of Korean stand blanks, and full-width digits are digits.
  /[\p{Script=Hangul}\uff10-\uff19]/u.test(before) ||
  (/[\p{L}\p{N}]/u.test(before) && /[\p{L}\p{N}]/u.test(after) && isInEquation(src, start));

const MAX_TERM = 60;
const EQUALS_BEFORE = /[=＝≈]\s*[^\s。，、；：！？]*$/u;
const EQUALS_AFTER = /^[^\s。，、；：！？]*\s*[=＝≈]/u;

const isInEquation = (src, at) =>
  EQUALS_BEFORE.test(src.slice(Math.max(0, at - MAX_TERM), at)) || EQUALS_AFTER.test(src.slice(at, at + MAX_TERM));

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

/** Whether a pair ends the lead of a sentence that was begun right behind it: `**Step 1:**Do this`. */
const endsLead = (src, { mark, start, before, isPair }) => {
  if (!isPair || !/[:.!?]/.test(before)) return false;
  const from = Math.max(src.lastIndexOf('\n', start - 1) + 1, start - MAX_WORD);
  const at = src.lastIndexOf(mark + mark, start - 3);
  return at >= from && /\S/.test(src[at + 2]) && beginsWord(src, runAt(src, at, src.length));
};
