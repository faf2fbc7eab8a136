import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '../../ports/index.ts';
import { WRITTEN_OVER } from '../sql/personal-tables.ts';
import type { Connection } from './connection.ts';
import { toPortError } from './errors.ts';

/** Who began to read before rows were deleted may still need them. */
const READERS_MS = 30_000;
const POLL_MS = 100;
const OLDER_READERS = `SELECT count(*) AS count FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL AND xact_start < $1`;

/**
 * Writes the tables that held something of a person anew, with their indexes and statistics. Other processes wait for a
 * table while it is written; it needs as much room on the disk as the table takes. Resolves to where the words stay.
 */
export const scrub = async ({ pool, place }: Connection): Promise<readonly string[]> => {
  const kept: string[] = [];
  const run = async (statement: string): Promise<void> => {
    try {
      await pool.query(statement);
    } catch (error) {
      throw toPortError(error, place);
    }
  };
  const may = async (statement: string): Promise<string | undefined> => {
    try {
      await pool.query(statement);
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  };
  const { rows } = await pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const since = rows[0]?.now;
  for (const until = Date.now() + READERS_MS; ; await delay(POLL_MS)) {
    const { rows: readers } = await pool.query<{ count: number }>(OLDER_READERS, [since]);
    if (Number(readers[0]?.count ?? 0) === 0) break;
    if (Date.now() < until) continue;
    kept.push('in tables that somebody has been reading for half a minute: until that transaction ends and the same command is run again');
    break;
  }
  const { rows: there } = await pool.query<{ name: string }>(`SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()`);
  for (const { name } of there) if (WRITTEN_OVER.includes(name)) await run(`VACUUM (FULL, ANALYZE) ${name}`);
  // Samples of columns stand in the statistics. Whoever may not write them anew is only warned.
  await may('VACUUM (FULL) pg_catalog.pg_statistic');
  await may('CHECKPOINT');
  kept.push("in PostgreSQL's write-ahead log until it is written over, and in archives and replicas as long as they keep that log");
  return kept;
};
