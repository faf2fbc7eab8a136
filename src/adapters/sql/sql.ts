import { present } from '../../domain/shared/present.ts';

/** What a statement's parameters may be. Lists go in as JSON text, for `Dialect.oneOf`; rows by `Dialect.runOver`. */
export type SqlValue = string | number | null;

/**
 * Runs one statement, `?` for each parameter, and resolves to its rows: none for a statement that returns none. Rejects
 * with PortError.
 */
export type Query = <Row>(sql: string, params?: readonly SqlValue[]) => Promise<readonly Row[]>;

/** The transaction of one unit of work. */
export interface Transaction {
  readonly query: Query;
}

/** What stores stand on: the database itself, or one transaction in it. */
export interface Sql<T extends Transaction = Transaction> {
  readonly dialect: Dialect<T>;
  /** Runs one statement that only reads. */
  readonly read: Query;
  /**
   * Runs `work`, all or nothing, once or more often. MUST await nothing but its statements, and change nothing outside
   * of them.
   */
  write<Value>(work: (transaction: T) => Promise<Value>): Promise<Value>;
  /**
   * The statement's end that keeps others from changing the rows that a read finds, until the transaction ends; empty
   * outside of one.
   */
  readonly held: string;
  /**
   * What turns this process's time into the time by which leases are stored, when it is added. Absent where both are
   * the same clock.
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

/** What databases say each in their own way. All other SQL means the same to them. */
export interface Dialect<T extends Transaction = Transaction> {
  /**
   * A statement over rows that its caller brings: `build` is given them as a part of FROM called `name`, with `columns`
   * and an `ordinal`. It takes no other parameters.
   */
  overRows(name: string, columns: Columns, build: (rows: string) => string): RowsStatement;
  /**
   * Likewise one that gives the rows of `table` that have these `keys` these `columns`, and does `also`; `end` is the
   * statement's.
   */
  updateOver(table: string, keys: Columns, columns: Columns, also: string, end?: string): RowsStatement;
  /**
   * Runs it over these rows, in their order, and resolves to what it returns for all of them. It may run once for each:
   * a refusal may come after some have been changed.
   */
  runOver<Row>(query: Query, statement: RowsStatement, rows: readonly Values[]): Promise<readonly Row[]>;
  /** Whether `column` is one of those that one JSON parameter holds, an array. */
  oneOf(column: string, type: ColumnType): string;
  /** Whether `column` is one of the few integers that `query` finds: they are found first, and each is sought. */
  among(column: string, query: string): string;
  /** The column's values, in that order, as the text of a JSON array. */
  jsonArray(column: string, order: string): string;
  /** The text of the JSON object in `column`, without what these paths of keys lead to. */
  without(column: string, ...paths: readonly (readonly string[])[]): string;
  /** Holds a table's reader to an index, where a planner needs the word. */
  using(index: string): string;
  /** JSON as the database can keep it: what it has no characters for becomes U+FFFD. */
  json(value: unknown): string;
  /**
   * The end of a SELECT that locks what it finds, in that order, against all changes, or against changes while others
   * may lock it likewise. Absent where a transaction has the database to itself.
   */
  readonly rowLocks?: { readonly exclusive: string; readonly shared: string };
  /** Waits until no other transaction holds that name, and holds it until this one's end. */
  lock(transaction: T, name: string): Promise<void>;
  /** Numbers of that kind, never handed out before or again, even when the transaction is rolled back. */
  reserve(sql: Sql<T>, kind: 'promise' | 'schedule', count: number): Promise<readonly number[]>;
}

/** Statements, put into each dialect's words once. */
export const perDialect = <Statements>(build: (dialect: Dialect) => Statements): ((dialect: Dialect) => Statements) => {
  const built = new WeakMap<Dialect, Statements>();
  return (dialect) => {
    const statements = built.get(dialect) ?? build(dialect);
    built.set(dialect, statements);
    return statements;
  };
};

/** Stores over this see and make the changes of one transaction, which somebody else ends. */
export const within = <T extends Transaction>(dialect: Dialect<T>, transaction: T, skewMs?: () => number): Sql<T> => ({
  dialect,
  read: transaction.query,
  write: (work) => work(transaction),
  held: dialect.rowLocks?.exclusive ?? '',
  ...present({ skewMs }),
});

/** JSON whose texts are well-formed: halves of a surrogate pair, which UTF-8 can't hold, become U+FFFD. */
export const toWellFormedJson = (value: unknown): string => {
  const json = JSON.stringify(value);
  return json.includes('\\ud') ? mapTexts(json, (text) => text.toWellFormed()) : json;
};

export const mapTexts = (json: string, change: (text: string) => string): string =>
  JSON.stringify(JSON.parse(json), (_, part) => (typeof part === 'string' ? change(part) : part));
