import type { QueryConfig } from 'pg';
import type { SqlValue } from '../sql/sql.ts';

/**
 * A statement that the server does not end by then has lost its connection, or might as well have. Short beside a
 * lease: a worker whose heartbeat meets a dead connection has time for another.
 */
export const STATEMENT_TIMEOUT_MS = 10_000;

const INSERTS = /^\s*INSERT\b/;
const MUTE = /^\s*(INSERT|UPDATE|DELETE)\b(?!.*\bRETURNING\b)/s;

/** Text as PostgreSQL can keep it. */
export const withoutNul = (text: string): string => text.replaceAll('\0', '\ufffd');

export interface Statement extends QueryConfig {
  /** It gives no rows. */
  readonly isMute: boolean;
}

/** Statements as `pg` takes them: the stores' own are prepared once a connection. */
export interface Statements {
  /** One with `?` for its parameters. */
  prepare(sql: string, params: readonly SqlValue[]): Statement;
  /**
   * One that says `$1` already, with values as `pg` takes them. Others have written it for a planner that sees the
   * tables as they are: it is planned each time, unless it only inserts.
   */
  native(text: string, values?: readonly unknown[]): Statement;
  /** Has every statement prepared anew: the tables have changed. */
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
  const numbered = (sql: string): string => {
    let count = 0;
    return sql.replaceAll('?', () => `$${++count}`);
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
