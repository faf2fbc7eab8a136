import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '../../ports/index.ts';
import { WRITTEN_OVER } from '../sql/personal-tables.ts';
import { attempting, retry } from '../sql/retry.ts';
import type { Connection } from './connection.ts';
import { isContended, toPortError } from './errors.ts';

/** Who began to read before rows were deleted may still need them. */
const READERS_MS = 30_000;
const POLL_MS = 100;
/** Whoever wants to use a table queues behind what waits to write it: that gives way, and tries again. */
const WAIT_FOR_TABLES = "SET lock_timeout = '1s'";
/** So long for each table. */
const PATIENCE_MS = 10_000;
const pauseMs = (): number => 250 + Math.random() * 500;
const OLDER_READERS = `SELECT count(*) AS count FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL AND xact_start < $1`;

/**
 * Writes the tables that held something of a person anew, with their indexes and statistics. Other processes wait for a
 * table while it is written, and a second for those who use it; it needs as much room on the disk as the table takes.
 * Resolves to where the words stay.
 */
export const scrub = async (
  { newClient, pool, place }: Connection,
  { readersMs = READERS_MS, patienceMs = PATIENCE_MS } = {},
): Promise<readonly string[]> => {
  const kept: string[] = [];
  const client = newClient();
  // What is lost fails the statement that runs, or the next one.
  client.on('error', () => undefined);
  const ask = async (statement: string): Promise<void> => {
    try {
      await client.query(statement);
    } catch (error) {
      throw toPortError(error, place);
    }
  };
  const write = async (statement: string, table: string): Promise<void> => {
    try {
      await retry(
        attempting(() => ask(statement), isContended),
        { patienceMs, pauseMs },
      );
    } catch (error) {
      if (!isContended(error)) throw error;
      kept.push(`in the table ${table}, which somebody uses all the time: until the same command is run again`);
    }
  };
  const may = async (statement: string): Promise<string | undefined> => {
    try {
      await client.query(statement);
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  };
  try {
    await client.connect();
    await ask(WAIT_FOR_TABLES);
    const { rows } = await pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const since = rows[0]?.now;
    for (const until = Date.now() + readersMs; ; await delay(POLL_MS)) {
      const { rows: readers } = await pool.query<{ count: number }>(OLDER_READERS, [since]);
      if (Number(readers[0]?.count ?? 0) === 0) break;
      if (Date.now() < until) continue;
      kept.push(
        'in tables that somebody has been reading for half a minute: until that transaction ends and the same command is run again',
      );
      break;
    }
    const { rows: there } = await pool.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()`,
    );
    for (const { name } of there) if (WRITTEN_OVER.includes(name)) await write(`VACUUM (FULL, ANALYZE) ${name}`, name);
    // Samples of columns stand in the statistics. Whoever may not write them anew is only warned.
    try {
      await write('VACUUM (FULL) pg_catalog.pg_statistic', 'pg_statistic');
    } catch (error) {
      kept.push(`in samples in pg_statistic, which was not written anew: ${reasonOf(error)}`);
    }
    await may('CHECKPOINT');
  } catch (error) {
    throw toPortError(error, place);
  } finally {
    await client.end();
  }
  kept.push("in PostgreSQL's write-ahead log until it is written over, and in archives and replicas as long as they keep that log");
  return kept;
};
