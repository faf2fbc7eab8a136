import { MAX_LISTED_PROCESSES, type RegisteredProcess } from '../../domain/index.ts';
import { makeProcessRegister } from '../sql/process-register.ts';
import type { Query } from '../sql/sql.ts';
import { postgresDialect } from './dialect.ts';

/** Who runs on a database, whatever the version of its tables. */
export interface Registered {
  /** None where the database is older than the register. */
  readonly processes: readonly RegisteredProcess[];
  /** The time by which they are registered: the server's. */
  readonly at: number;
}

const STATE = `SELECT to_regclass('processes') IS NOT NULL AS has_register,
  floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS at`;

export const registeredIn = async (read: Query): Promise<Registered> => {
  const [state] = await read<{ readonly has_register: boolean; readonly at: number }>(STATE);
  const register = makeProcessRegister({ dialect: postgresDialect, read, write: readsOnly, rowLock: '' });
  return { processes: state?.has_register ? await register.list({ limit: MAX_LISTED_PROCESSES }) : [], at: state?.at ?? 0 };
};

const readsOnly = (): never => {
  throw new Error('this only looks');
};
