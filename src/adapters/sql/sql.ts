import type { WordQuery } from '../../domain/conversation/words.ts';
import { present } from '../../domain/shared/present.ts';

/** A parameter of a statement. A list goes in as JSON text, for `Dialect.oneOf`; rows go in by `Dialect.runOver`. */
export type SqlValue = string | number | null;

/**
 * Runs one statement with `?` for each parameter, and resolves to its rows, if it returns any. Rejects with PortError.
 */
export type Query = <Row>(sql: string, params?: readonly SqlValue[]) => Promise<readonly Row[]>;

/** The transaction of one unit of work. */
export interface Transaction {
  readonly query: Query;
}

/** What stores run on: the database itself, or one transaction in it. */
export interface Sql<T extends Transaction = Transaction> {
  readonly dialect: Dialect<T>;
  /** Runs one statement that only reads. */
  readonly read: Query;
  /**
   * Runs `work` in a transaction, all or nothing, once or more often. `work` MUST await only its statements, and MUST
   * change nothing outside of them.
   */
  write<Value>(work: (transaction: T) => Promise<Value>): Promise<Value>;
  /**
   * The end of a SELECT that locks the rows that it finds until the transaction ends. Empty outside of a transaction.
   */
  readonly rowLock: string;
  /**
   * The difference to add to this process's time to get the time by which leases are stored. Absent if both are the
   * same clock.
   */
  readonly skewMs?: () => number;
}

export type ColumnType = 'integer' | 'text';
/** Columns by name. */
export type Columns = Readonly<Record<string, ColumnType>>;
export const integers = (...names: readonly string[]): Columns => Object.fromEntries(names.map((name) => [name, 'integer']));
export const texts = (...names: readonly string[]): Columns => Object.fromEntries(names.map((name) => [name, 'text']));

/** Values by column; a column that is missing is NULL. */
export type Values = Readonly<Record<string, SqlValue | undefined>>;
/** A statement over any number of rows, for `Dialect.runOver`. */
export interface RowsStatement {
  readonly sql: string;
  readonly columns: Columns;
}

/** How a database finds entries by their words, which stand in `conversation.words`. */
export interface FullText {
  /** The value of that column, as a parameter; NULL for no words. */
  stored(words: readonly string[]): string | null;
  /** The same in SQL, where `value` is the parameter. */
  column(value: string): string;
  /** Selects `at`, `turn_id` and `step`, newest first. Its parameters: the query, the chat, the most entries. */
  readonly select: string;
  /** A query with at least one phrase, as a parameter. Nothing in it is taken for more than words. */
  query(chatId: string, query: WordQuery): string;
}

/** What is numbered from 1. */
export type NumberKind = 'promise' | 'schedule' | 'fact' | 'approval' | 'standing';

/** What each database writes in its own way. All other SQL means the same to both. */
export interface Dialect<T extends Transaction = Transaction> {
  /**
   * A statement over rows that its caller brings: `build` receives a FROM item (alias `name`) for the rows, with
   * `columns` and an `ordinal`. The statement takes no other parameters.
   */
  overRows(name: string, columns: Columns, build: (rows: string) => string): RowsStatement;
  /**
   * A statement over rows that updates `table`: the rows with these `keys` get these `columns`, and `also` is set too.
   * `end` ends the statement.
   */
  updateOver(table: string, keys: Columns, columns: Columns, also: string, end?: string): RowsStatement;
  /**
   * Runs the statement over these rows, in their order, and resolves to all rows that it returns. It may run once for
   * each row: a refusal may come after some rows have been changed.
   */
  runOver<Row>(query: Query, statement: RowsStatement, rows: readonly Values[]): Promise<readonly Row[]>;
  /** A condition: `column` is one of the values of a JSON array, which is the parameter. */
  oneOf(column: string, type: ColumnType): string;
  /**
   * A condition: `column` is one of the few integers that `query` finds. They are found first, and each one is sought.
   */
  among(column: string, query: string): string;
  /** The values of the column, in that order, as the text of a JSON array. */
  jsonArray(column: string, order: string): string;
  /** The text of the JSON object in `column`, without the members at these paths. */
  without(column: string, ...paths: readonly (readonly string[])[]): string;
  /** Selects the `name` of each trigger that works on the table that is the parameter. */
  readonly triggersOf: string;
  /** Makes the planner use an index, if it needs to be told. */
  using(index: string): string;
  /** Full text search over the entries of conversations. */
  readonly fullText: FullText;
  /** JSON as the database can store it: characters that it can't store become U+FFFD. */
  json(value: unknown): string;
  /**
   * The ends of a SELECT that lock the rows that it finds, in its order: `exclusive` against every change, `shared` so
   * that others may lock them in the same way. Absent if a transaction has the database to itself.
   */
  readonly rowLocks?: { readonly exclusive: string; readonly shared: string };
  /** Waits until no other transaction holds the lock of that name, and holds it until this transaction ends. */
  lock(transaction: T, name: string): Promise<void>;
  /** New numbers of that kind. No number is handed out twice, even if the transaction is rolled back. */
  reserve(sql: Sql<T>, kind: NumberKind, count: number): Promise<readonly number[]>;
}

/** Builds statements once for each dialect. */
export const perDialect = <Statements>(build: (dialect: Dialect) => Statements): ((dialect: Dialect) => Statements) => {
  const built = new WeakMap<Dialect, Statements>();
  return (dialect) => {
    const statements = built.get(dialect) ?? build(dialect);
    built.set(dialect, statements);
    return statements;
  };
};

/** The database as one transaction sees it, for stores. The caller ends the transaction. */
export const within = <T extends Transaction>(dialect: Dialect<T>, transaction: T, skewMs?: () => number): Sql<T> => ({
  dialect,
  read: transaction.query,
  write: (work) => work(transaction),
  rowLock: dialect.rowLocks?.exclusive ?? '',
  ...present({ skewMs }),
});

/** JSON with well-formed texts: half of a surrogate pair, which UTF-8 can't hold, becomes U+FFFD. */
export const toWellFormedJson = (value: unknown): string => {
  const json = JSON.stringify(value);
  return json.includes('\\ud') ? mapTexts(json, (text) => text.toWellFormed()) : json;
};

export const mapTexts = (json: string, change: (text: string) => string): string =>
  JSON.stringify(JSON.parse(json), (_, part) => (typeof part === 'string' ? change(part) : part));
