/** What a statement's parameters may be. Anything structured goes in as JSON text and comes apart with `json_each`. */
export type SqlValue = string | number | null;

/** Runs one statement and resolves to its rows: none for a statement that returns none. Rejects with PortError. */
export type Query = <Row>(sql: string, params?: readonly SqlValue[]) => Promise<readonly Row[]>;

/** The transaction that a job runs in; other jobs may run before and after it in the same one. */
export interface Transaction {
  readonly query: Query;
  /** Runs this statement again, in the same transaction, when the job is rolled back: its effect outlives the job. */
  keep(sql: string, params: readonly SqlValue[]): void;
}

/** What stores stand on: the database itself, or one transaction in it. */
export interface Sql {
  /** Runs one statement that only reads. */
  readonly read: Query;
  /** Runs `job`, all or nothing. MUST await nothing but its statements. */
  write<T>(job: (transaction: Transaction) => Promise<T>): Promise<T>;
}

/** Stores over this see and make the changes of one transaction, which somebody else ends. */
export const within = (transaction: Transaction): Sql => ({ read: transaction.query, write: (job) => job(transaction) });

/** JSON as SQLite keeps it without loss: halves of a surrogate pair, which UTF-8 can't hold, become U+FFFD. */
export const toJson = (value: unknown): string => {
  const json = JSON.stringify(value);
  return json.includes('\\ud')
    ? JSON.stringify(JSON.parse(json), (_, part) => (typeof part === 'string' ? part.toWellFormed() : part))
    : json;
};
