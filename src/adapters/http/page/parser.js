import MarkdownIt from 'markdown-it';
import { asWritten } from '../../../ports/adapter-kit/as-written.js';
import { blocksAsWritten } from '../../../ports/adapter-kit/as-written-blocks.js';

/**
 * Markdown as tokens. Limits keep any text from holding up the page: what stands past one of them is shown as it was
 * written, and nothing of it is lost.
 */

/** The part of a text that is parsed as Markdown. */
const MAX_LENGTH = 100_000;
const MAX_LINES = 10_000;
/** Pieces of formatting in one text: far more than people read in an answer, far fewer than hold up a browser. */
const MAX_PIECES = 2_000;
/**
 * Places within lines that are looked at for formatting, again and again where brackets are opened and never closed.
 */
const MAX_STEPS = 15_000;
/** Quotes and lists within each other, counted as the parser does: a list and its item are two. */
const MAX_DEPTH = 40;
const MAX_COLUMNS = 100;
const MAX_ADDRESS = 2_000;

/**
 * No HTML and no references: both would take away text. No set-ext headings: a model that writes a line of dashes below
 * a paragraph means a rule. A link of a kind that is not opened from here stays as it was written.
 */
const parser = new MarkdownIt({ html: false, maxNesting: MAX_DEPTH + 20 }).disable(['reference', 'lheading']);
parser.validateLink = (address) => address.length <= MAX_ADDRESS && /^https?:\/\/[^/]/i.test(address);
parser.normalizeLink = (address) => address;
parser.use(asWritten).use(blocksAsWritten);

/** The tokens of the text, as markdown-it describes them. */
export const parse = (text) => {
  const end = endOfRead(text);
  const tokens = parser.parse(text.slice(0, end), { pieces: MAX_PIECES, steps: MAX_STEPS });
  return end === text.length ? tokens : [...tokens, ...verbatim(text.slice(end).trimEnd())];
};

const endOfRead = (text) => {
  if (text.length > MAX_LENGTH) return endOfRead(text.slice(0, text.lastIndexOf('\n', MAX_LENGTH - 1) + 1 || MAX_LENGTH));
  let end = -1;
  for (let line = 0; line < MAX_LINES; line++) {
    end = text.indexOf('\n', end + 1);
    if (end < 0) return text.length;
  }
  return end + 1;
};

const { block, inline, core } = parser;

block.ruler.before('table', 'limit', (state, from, to, silent) => {
  if (silent || (state.tokens.length < MAX_PIECES && state.level < MAX_DEPTH)) return false;
  state.line = to;
  state.tokens.push(...verbatim(state.getLines(from, to, state.blkIndent, false).trimEnd()));
  return true;
});

/** A paragraph that is shown as it was written. */
const verbatim = (content) => {
  const text = { type: 'text', nesting: 0, content };
  return [
    { type: 'paragraph_open', nesting: 1 },
    { type: 'inline', nesting: 0, content, children: [text], meta: { isVerbatim: true } },
    { type: 'paragraph_close', nesting: -1 },
  ];
};

/** The parser's own rule of this name. */
const ruleOf = (name) => {
  const { ruler } = new MarkdownIt().block;
  ruler.enableOnly(name);
  return ruler.getRules('')[0];
};

// One rule makes all of a table, and of a list of empty items: they get only so many lines that they stay within the
// limit.
const [table, list] = [ruleOf('table'), ruleOf('list')];
block.ruler.at(
  'table',
  (state, from, to, silent) => {
    const columns = state.src.slice(state.bMarks[from], state.eMarks[from]).split('|', MAX_COLUMNS + 3).length;
    if (columns > MAX_COLUMNS + 2) return false;
    return table(state, from, Math.min(to, from + 3 + Math.floor((MAX_PIECES - state.tokens.length) / (3 * columns))), silent);
  },
  { alt: ['paragraph', 'reference'] },
);
block.ruler.at(
  'list',
  (state, from, to, silent) => list(state, from, Math.min(to, from + 1 + Math.max(0, MAX_PIECES - state.tokens.length)), silent),
  { alt: ['paragraph', 'reference', 'blockquote'] },
);

inline.ruler.before('text', 'limit', (state, silent) => {
  if (state.env.steps-- > 0 && state.tokens.length < state.env.pieces) return false;
  if (!silent) state.pending += state.src.slice(state.pos, state.posMax);
  state.pos = state.posMax;
  return true;
});

core.ruler.at('inline', ({ tokens, md, env }) => {
  for (const { type, content, children, meta } of tokens) {
    if (type !== 'inline' || meta?.isVerbatim) continue;
    md.inline.parse(content, md, env, children);
    env.pieces -= children.length;
  }
});
