import MarkdownIt, { type MarkdownIt as Parser, type ParserBlock, type Token } from 'markdown-it';

/**
 * Limits that keep any text from holding up the process. What stands past one of them is taken as it was written, and
 * nothing of it is lost. A text that reaches them is sent as a file, of which only the beginning is formatted in the
 * chat.
 */

/** What is read at all as Markdown. */
const MAX_LENGTH = 100_000;
const MAX_LINES = 10_000;
/** Pieces of formatting in one text: many times what all messages of an answer may hold. */
const MAX_PIECES = 5_000;
/**
 * Places within lines that are looked at for formatting, again and again where brackets are opened and never closed.
 */
const MAX_STEPS = 15_000;
const MAX_COLUMNS = 100;

/** What is left of the limits while a text is read. */
interface Allowance {
  pieces: number;
  steps: number;
}
type BlockRule = ReturnType<ParserBlock['ruler']['getRules']>[number];

/** Makes the parser keep the limits; returns how a text is read within them. */
export const limitParser = (parser: Parser): ((text: string) => Token[]) => {
  const { block, inline, core } = parser;
  const { table, list } = rulesOf('table', 'list');

  block.ruler.before('table', 'limit', (state, from, to, silent) => {
    if (silent || state.tokens.length < MAX_PIECES) return false;
    state.line = to;
    state.tokens.push(...verbatim(state.getLines(from, to, state.blkIndent, false)));
    return true;
  });
  // One rule makes all of a table, and of a list of empty items: they get only so many lines that they stay within the
  // limit.
  block.ruler.at(
    'table',
    (state, from, to, silent) => {
      const columns = state.src.slice(state.bMarks[from], state.eMarks[from]).split('|', MAX_COLUMNS + 3).length;
      if (columns > MAX_COLUMNS + 2) return false;
      const rows = Math.floor(Math.max(0, MAX_PIECES - state.tokens.length) / (3 * columns));
      return table(state, from, Math.min(to, from + 3 + rows), silent);
    },
    { alt: ['paragraph', 'reference'] },
  );
  block.ruler.at(
    'list',
    (state, from, to, silent) => list(state, from, Math.min(to, from + 1 + Math.max(0, MAX_PIECES - state.tokens.length)), silent),
    { alt: ['paragraph', 'reference', 'blockquote'] },
  );
  inline.ruler.before('text', 'limit', (state, silent) => {
    const allowance = state.env.allowance as Allowance;
    if (allowance.steps-- > 0 && state.tokens.length < allowance.pieces) return false;
    if (!silent) state.pending += state.src.slice(state.pos, state.posMax);
    state.pos = state.posMax;
    return true;
  });
  core.ruler.at('inline', ({ tokens, md, env }) => {
    for (const token of tokens) {
      if (token.type !== 'inline' || token.meta?.isVerbatim) continue;
      token.children ??= [];
      md.inline.parse(token.content, md, env, token.children);
      (env.allowance as Allowance).pieces -= token.children.length;
    }
  });

  return (text) => {
    const end = endOfRead(text);
    const tokens = parser.parse(text.slice(0, end), { allowance: { pieces: MAX_PIECES, steps: MAX_STEPS } satisfies Allowance });
    return end === text.length ? tokens : [...tokens, ...verbatim(text.slice(end))];
  };
};

/** The parser's own rules of these names. */
const rulesOf = <Name extends string>(...names: Name[]): Readonly<Record<Name, BlockRule>> =>
  Object.fromEntries(
    names.map((name) => {
      const { ruler } = new MarkdownIt().block;
      ruler.enableOnly(name);
      return [name, ruler.getRules('')[0]];
    }),
  ) as Record<Name, BlockRule>;

/** A paragraph that is taken as it was written. */
const verbatim = (content: string): Token[] => {
  const inline = new MarkdownIt.Token('inline', '', 0);
  inline.content = content.trimEnd();
  inline.children = [];
  inline.meta = { isVerbatim: true };
  return [new MarkdownIt.Token('paragraph_open', 'p', 1), inline, new MarkdownIt.Token('paragraph_close', 'p', -1)];
};

/** Where the part ends that is read: with a whole line, if it has more than one. */
const endOfRead = (text: string): number => {
  if (text.length > MAX_LENGTH) return endOfRead(text.slice(0, text.lastIndexOf('\n', MAX_LENGTH - 1) + 1 || MAX_LENGTH));
  let end = -1;
  for (let line = 0; line < MAX_LINES; line++) {
    end = text.indexOf('\n', end + 1);
    if (end < 0) return text.length;
  }
  return end + 1;
};
