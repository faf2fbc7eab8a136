import type { QueryConfig } from 'pg';
import type { SqlValue } from '../sql/sql.ts';

/**
 * A statement without an answer after this time counts as a lost connection. The time is short beside a lease: if a
 * heartbeat meets a dead connection, the worker has time for another one.
 */
export const STATEMENT_TIMEOUT_MS = 10_000;

const INSERTS = /^\s*INSERT\b/;
const MUTE = /^\s*(INSERT|UPDATE|DELETE)\b(?!.*\bRETURNING\b)/s;

/** Text without NUL, which PostgreSQL can't store. */
export const withoutNul = (text: string): string => text.replaceAll('\0', '\ufffd');

/** With `$1`, `$2` … for each `?`. */
export const numbered = (sql: string): string => {
  let count = 0;
  return sql.replaceAll('?', () => `$${++count}`);
};

export interface Statement extends QueryConfig {
  /** Whether the statement returns no rows. */
  readonly isMute: boolean;
}

/** Makes statements as `pg` takes them. The stores' own statements are prepared once a connection. */
export interface Statements {
  /** A statement with `?` for its parameters. */
  prepare(sql: string, params: readonly SqlValue[]): Statement;
  /**
   * A statement with `$1` for its parameters, and values as `pg` takes them. pg-boss has written it for a planner that
   * uses statistics, so it is planned each time, unless it only inserts.
   */
  native(text: string, values?: readonly unknown[]): Statement;
  /** Prepares every statement again, because the tables have changed. */
  renew(): void;
}

export const makeStatements = (): Statements => {
  const known = new Map<string, Statement>();
  const limits = { query_timeout: STATEMENT_TIMEOUT_MS };
  let generation = 0;

  const add = (sql: string, text: string): Statement => {
    const isMute = MUTE.test(text);
    const added = { name: `kept_${generation}_${known.size}`, text, isMute, ...limits };
    known.set(sql, added);
    return added;
  };
  return {
    prepare: (sql, params) => {
      const values = params.map((value) => (typeof value === 'string' ? withoutNul(value) : value));
      return { ...(known.get(sql) ?? add(sql, numbered(sql))), values };
    },
    native: (text, values = []) => {
      const statement = known.get(text) ?? (INSERTS.test(text) ? add(text, text) : { text, isMute: MUTE.test(text), ...limits });
      return { ...statement, values: [...values] };
    },
    renew: () => {
      generation++;
      known.clear();
    },
  };
};
