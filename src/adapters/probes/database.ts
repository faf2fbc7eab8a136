import { existsSync } from 'node:fs';
import { errorCode } from '../../domain/shared/error-code.ts';
import { isPortError, PortError, reasonOf } from '../../ports/index.ts';

/**
 * Opens a SQLite file to read, and reads its tables' names. Changes nothing; one that is not there yet is no failure.
 */
export const probeSqlite = async (path: string): Promise<string> => {
  if (!existsSync(path)) return 'is not there yet: the first start makes it';
  const { default: Database } = await import('better-sqlite3-13');
  try {
    const database = new Database(path, { readonly: true, fileMustExist: true });
    try {
      return `opens, with ${String(database.prepare('SELECT COUNT(*) FROM sqlite_master').pluck().get())} tables and indexes`;
    } finally {
      database.close();
    }
  } catch (error) {
    throw new PortError('unavailable', `can't be read: ${reasonOf(error)}`, { retryable: false, cause: error });
  }
};

/** Connects to PostgreSQL and asks for its version. Changes nothing. */
export const probePostgres = async (
  { url, bindsChannel = false }: { readonly url: string; readonly bindsChannel?: boolean },
  timeoutMs: number,
): Promise<string> => {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    connectionString: url,
    application_name: 'kept-check',
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    enableChannelBinding: bindsChannel,
  });
  // A connection that breaks rejects what waits for it; as an event alone it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    const version = Number.parseInt(rows[0]?.server_version ?? '', 10);
    if (version < OLDEST)
      throw new PortError('invalid-request', `is PostgreSQL ${version}; ${OLDEST} or newer is needed`, { retryable: false });
    return `answers, PostgreSQL ${rows[0]?.server_version ?? ''}`;
  } catch (error) {
    if (isPortError(error)) throw error;
    throw new PortError('unavailable', `can't be used: ${reasonOf(error) || (errorCode(error) ?? 'unknown reason')}`, {
      retryable: true,
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
};

const OLDEST = 13;
