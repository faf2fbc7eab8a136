import type { FullText } from '../sql/sql.ts';

/** A word of letters and digits alone, as `tsvector` and `tsquery` read it without a parser. */
const lexeme = (word: string): string => `'${word}'`;

/** The words are told apart before they come here, so that both databases find the same. */
export const fullText: FullText = {
  stored: (words) => {
    if (words.length === 0) return null;
    const places = Map.groupBy(words.keys(), (at) => words[at] ?? '');
    return Array.from(places, ([word, at]) => `${lexeme(word)}:${at.map((place) => place + 1).join(',')}`).join(' ');
  },
  column: (value) => `${value}::tsvector`,
  select: 'SELECT at, turn_id, step FROM conversation WHERE words @@ ?::tsquery AND chat_id = ? ORDER BY id DESC LIMIT ?',
  query: (_, query) => query.map(({ words, isBeginning }) => `(${words.map(lexeme).join(' <-> ')}${isBeginning ? ':*' : ''})`).join(' & '),
};
