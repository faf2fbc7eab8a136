import type { Token } from 'markdown-it';

/** Where in each text the `||` stand that begin and end spoilers, by turns. */
export type SpoilerMarks = ReadonlyMap<Token, readonly number[]>;

const MARK = /(?<!\|)\|\|(?!\|)/g;

/**
 * Finds the `||` that belong together: the first hugs what follows, the second what comes before, and both stand in one
 * piece of formatting. Anything else, such as an "or" between two words, stays text.
 */
export const spoilerMarks = (children: readonly Token[]): SpoilerMarks => {
  const marks = new Map<Token, number[]>();
  let open: { readonly token: Token; readonly at: number } | undefined;
  const add = (token: Token, at: number): void => {
    const known = marks.get(token);
    if (known) known.push(at);
    else marks.set(token, [at]);
  };

  for (const [i, token] of children.entries()) {
    if (open && token.level < open.token.level) open = undefined;
    if (token.type !== 'text') continue;
    for (const { index } of token.content.matchAll(MARK)) {
      const before = token.content[index - 1] ?? neighbour(children[i - 1]);
      const after = token.content[index + 2] ?? neighbour(children[i + 1]);
      if (open && token.level === open.token.level && /\S|^$/.test(before) && !/[\p{L}\p{N}]/u.test(after)) {
        add(open.token, open.at);
        add(token, index);
        open = undefined;
      } else if (!open && /\S|^$/.test(after) && !/[\p{L}\p{N}]/u.test(before)) open = { token, at: index };
    }
  }
  return marks;
};

/** The pieces of a text between its marks. */
export const cutAtMarks = (token: Token, marks: SpoilerMarks): string[] => {
  const cuts = marks.get(token) ?? [];
  return [...cuts, token.content.length].map((end, i) => token.content.slice(i === 0 ? 0 : (cuts[i - 1] as number) + 2, end));
};

/**
 * What a mark at the edge of a text touches: a line end, or formatting, which counts neither as a blank nor as a
 * letter.
 */
const neighbour = (token: Token | undefined): string => (!token || token.type.endsWith('break') ? '\n' : '');
