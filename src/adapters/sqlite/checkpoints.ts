import { type EngineNotices, reasonOf } from '../../ports/index.ts';
import type { Connection } from './connection.ts';

/**
 * After this long without a write, the content of the WAL goes into the database file: if the WAL is lost then, little
 * is lost with it.
 */
const IDLE_MS = 1_000;

/**
 * Writes the WAL into the database when nothing else is to do; SQLite itself waits until 4 MB have gathered. It never
 * runs while work waits, and never waits for other processes.
 */
export const makeCheckpoints = (connection: Connection, notice?: EngineNotices, idleMs = IDLE_MS) => {
  let timer: NodeJS.Timeout | undefined;
  let committedAt = 0;

  const check = (): void => {
    timer = undefined;
    const leftMs = committedAt + idleMs - performance.now();
    if (leftMs > 0 || connection.inTransaction()) wait(Math.max(leftMs, 10));
    else
      connection.query('PRAGMA wal_checkpoint(PASSIVE)').catch((error: unknown) => {
        notice?.('checkpoint-failed', { reason: reasonOf(error) });
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
