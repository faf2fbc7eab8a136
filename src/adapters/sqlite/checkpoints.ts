import { type Logger, reasonOf } from '../../ports/index.ts';
import type { Connection } from './connection.ts';

/**
 * How long nothing is written before what was goes from the WAL into the database file itself: then a lost WAL loses
 * little.
 */
const IDLE_MS = 1_000;

/**
 * SQLite by itself does so only when 4 MB have gathered. Never while work waits, and never waiting for other processes.
 */
export const makeCheckpoints = (connection: Connection, logger?: Logger, idleMs = IDLE_MS) => {
  let timer: NodeJS.Timeout | undefined;
  let committedAt = 0;

  const check = (): void => {
    timer = undefined;
    const leftMs = committedAt + idleMs - performance.now();
    if (leftMs > 0 || connection.inTransaction()) wait(Math.max(leftMs, 10));
    else
      connection.query('PRAGMA wal_checkpoint(PASSIVE)').catch((error: unknown) => {
        logger?.debug({ reason: reasonOf(error) }, 'the WAL could not be written into the database: it goes on to grow');
      });
  };
  const wait = (ms: number): void => {
    timer = setTimeout(check, ms).unref();
  };

  return {
    committed: (): void => {
      committedAt = performance.now();
      if (!timer) wait(idleMs);
    },
    close: (): void => clearTimeout(timer),
  };
};
