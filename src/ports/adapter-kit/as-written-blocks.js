/**
 * A plugin for markdown-it: whole blocks that nobody means as Markdown stay as they were written. Such are comparisons,
 * prompts, cron expressions, formulas, differences between files and JSON.
 *
 * Plain JavaScript, because the web page loads this file as it is.
 */
export const blocksAsWritten = (parser) => {
  const { ruler } = parser.block;
  const { blockquote, paragraph } = ownRules(parser, 'blockquote', 'paragraph');
  const isComparison = (state, line) => NO_QUOTE.test(lineOf(state, line));
  ruler.at('blockquote', (state, line, ...rest) => !isComparison(state, line) && blockquote(state, line, ...rest), {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  });
  ruler.before('hr', 'cron', (state, line, end, silent) => !silent && CRON.test(lineOf(state, line)) && paragraph(state, line, end));
  ruler.before('code', 'data', data);
  ruler.before('hr', 'formula', formula, { alt: ['paragraph'] });
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

/** Takes the lines up to `end` as a paragraph of text; none where there are none. */
const verbatim = (state, line, end) => {
  if (end <= line) return false;
  const content = state.getLines(line, end, state.blkIndent, false).trimEnd();
  state.line = end;
  state.push('paragraph_open', 'p', 1).map = [line, end];
  const inline = state.push('inline', '', 0);
  const text = new state.Token('text', '', 0);
  text.content = content;
  Object.assign(inline, { content, map: [line, end], children: [text], meta: { isVerbatim: true } });
  state.push('paragraph_close', 'p', -1);
  return true;
};

/** The line behind the last one that stands here without a blank line between. */
const endOfParagraph = (state, line, end) => {
  let next = line;
  while (next < end && !state.isEmpty(next) && state.sCount[next] >= state.blkIndent) next++;
  return next;
};

/** Up to where it is known that nothing of the kind begins: else many short blocks would be read again and again. */
const FOUND_NONE = Symbol('up to here there is no data');

/** A difference between files, or JSON, and nothing else beside it. */
const data = (state, line, end, silent) => {
  const begins = lineOf(state, line);
  const isDiff = DIFF_BEGINS.test(begins);
  if (silent || !(isDiff || JSON_BEGINS.test(begins)) || line < (state[FOUND_NONE] ?? 0)) return false;
  const next = endOfParagraph(state, line, end);
  const text = state.getLines(line, next, state.blkIndent, false);
  if (isDiff ? isDifference(text) : isValidJson(text)) return verbatim(state, line, next);
  state[FOUND_NONE] = next;
  return false;
};

const DIFF_BEGINS = /^(?:[-+](?!\s*$)|@@|diff )/;
const OF_DIFF = /^(?:[-+ ]|@@|diff |index |\\ |$)/;
/** `+ **Fast**`, `- **Dear**`: what speaks for a thing, and against it. */
const PROS_AND_CONS = /^[-+] +(?:\*\*|__)[^*_]+(?:\*\*|__)/m;
const JSON_BEGINS = /^(?:\{|\[\s*(?:[[{"]|$))/;

/** Whether lines are taken away and lines are added here, side by side: no list has two kinds of marks. */
const isDifference = (text) =>
  /^-/m.test(text) && /^\+/m.test(text) && !PROS_AND_CONS.test(text) && text.split('\n').every((line) => OF_DIFF.test(line));

const isValidJson = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // It is no JSON.
    return false;
  }
};

/** How a formula of several lines begins, and what stands in its last one. */
const FORMULAS = [
  [/^\$\$(?!.*\$\$)/, /\$\$/],
  [/^\\\[(?!.*\\\])/, /\\\]/],
  [/^\\begin\{[a-z*]+\}/, /\\end\{/],
];
/** One that still grows has no end. */
const ONLY_BEGINS = /^(?:\$\$|\\\[|\\begin\{[a-z*]+\})\s*$/;
const MAX_LINES_OF_FORMULA = 60;

/** A formula of TeX over several lines: none of them begins a list. */
const formula = (state, line, end, silent) => {
  const begins = lineOf(state, line);
  const closing = FORMULAS.find(([opening]) => opening.test(begins))?.[1];
  if (!closing) return false;
  const last = Math.min(endOfParagraph(state, line, end), line + MAX_LINES_OF_FORMULA);
  let next = line + 1;
  while (next < last && !closing.test(lineOf(state, next))) next++;
  if (next === last && !ONLY_BEGINS.test(begins)) return false;
  return silent || verbatim(state, line, Math.min(next + 1, last));
};
