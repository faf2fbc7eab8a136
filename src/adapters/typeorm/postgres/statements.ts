import type { QueryConfig } from 'pg';
import type { SqlValue } from '../stores/sql.ts';

/**
 * A statement that the server does not end by then has lost its connection, or might as well have. Short beside a lease: a worker whose
 * heartbeat meets a dead connection has time for another.
 */
const STATEMENT_TIMEOUT_MS = 10_000;

/** Text as PostgreSQL can keep it. */
export const withoutNul = (text: string): string => text.replaceAll('\0', '\ufffd');

/** The stores' statements, each prepared once a connection. */
export interface Statements {
  /** A statement with `?` for its parameters as `pg` takes it. */
  prepare(sql: string, params: readonly SqlValue[]): QueryConfig;
  /** One that says `$1` already, with values as `pg` takes them: planned each time, for the tables as they are. */
  native(text: string, values?: readonly unknown[]): QueryConfig;
  /** Has every statement prepared anew: the tables have changed. */
  renew(): void;
}

export const makeStatements = (): Statements => {
  const known = new Map<string, { readonly name: string; readonly text: string }>();
  const limits = { query_timeout: STATEMENT_TIMEOUT_MS };
  let generation = 0;

  const statement = (sql: string) => {
    let count = 0;
    const added = { name: `kept_${generation}_${known.size}`, text: sql.replaceAll('?', () => `$${++count}`) };
    known.set(sql, added);
    return added;
  };

  return {
    prepare: (sql, params) => {
      const values = params.map((value) => (typeof value === 'string' ? withoutNul(value) : value));
      return { ...(known.get(sql) ?? statement(sql)), values, ...limits };
    },
    native: (text, values = []) => ({ text, values: [...values], ...limits }),
    renew: () => {
      generation++;
      known.clear();
    },
  };
};
