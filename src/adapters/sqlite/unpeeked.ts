/** A text, a name in quotes, a comment, or a parameter. */
const PARTS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\?/g;

/**
 * The statement with `+?` for each parameter. Where a bare `?` stands in a LIMIT or beside an ORDER BY, SQLite looks at
 * the bound value when it plans, and so parses the statement anew at each run: that takes up to a hundred times as long
 * as the run. Into an expression it does not look. What is found is the same.
 */
export const unpeeked = (sql: string): string => sql.replace(PARTS, (part) => (part === '?' ? '+?' : part));
