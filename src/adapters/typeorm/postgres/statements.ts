import type { QueryConfig } from 'pg';
import type { SqlValue } from '../stores/sql.ts';

/** A statement that the server does not end by then has lost its connection, or might as well have. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** Text as PostgreSQL can keep it. */
export const withoutNul = (text: string): string => text.replaceAll('\0', '\ufffd');

/** Statements, each prepared once a connection. */
export interface Statements {
  /** A statement with `?` for its parameters as `pg` takes it. */
  prepare(sql: string, params: readonly SqlValue[]): QueryConfig;
  /** Likewise one that says `$1` already, with values as `pg` takes them. */
  prepareNative(text: string, values: readonly unknown[]): QueryConfig;
  /** Has every statement prepared anew: the tables have changed. */
  renew(): void;
}

export const makeStatements = (): Statements => {
  const known = new Map<string, { readonly name: string; readonly text: string }>();
  let generation = 0;

  const named = (sql: string, text: string) => {
    const added = { name: `kept_${generation}_${known.size}`, text };
    known.set(sql, added);
    return added;
  };
  const numbered = (sql: string): string => {
    let count = 0;
    return sql.replaceAll('?', () => `$${++count}`);
  };
  const limits = { query_timeout: STATEMENT_TIMEOUT_MS };

  return {
    prepare: (sql, params) => {
      const values = params.map((value) => (typeof value === 'string' ? withoutNul(value) : value));
      return { ...(known.get(sql) ?? named(sql, numbered(sql))), values, ...limits };
    },
    prepareNative: (text, values) => ({ ...(known.get(text) ?? named(text, text)), values: [...values], ...limits }),
    renew: () => {
      generation++;
      known.clear();
    },
  };
};
