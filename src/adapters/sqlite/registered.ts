import { MAX_LISTED_PROCESSES, type RegisteredProcess } from '../../domain/index.ts';
import { makeProcessRegister } from '../sql/process-register.ts';
import type { Query } from '../sql/sql.ts';
import { sqliteDialect } from './dialect.ts';

/** Who runs on a database, whatever the version of its tables. */
export interface Registered {
  /** None where the database is older than the register. */
  readonly processes: readonly RegisteredProcess[];
  /** The time by which they are registered. */
  readonly at: number;
}

export const registeredIn = async (read: Query): Promise<Registered> => {
  const [table] = await read("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'processes'");
  const register = makeProcessRegister({ dialect: sqliteDialect, read, write: readsOnly, rowLock: '' });
  return { processes: table ? await register.list({ limit: MAX_LISTED_PROCESSES }) : [], at: Date.now() };
};

const readsOnly = (): never => {
  throw new Error('this only looks');
};
