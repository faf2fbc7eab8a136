import { existsSync } from 'node:fs';
import { type Connection, openReader, openWriter } from './connection.ts';

/**
 * Looks at a database that nobody may have open, and leaves no file behind: a reader alone leaves an empty WAL, which
 * the next process can't write where another user has looked.
 */
export const lookAt = async <T>(path: string, waitMs: number | undefined, look: (reader: Connection) => Promise<T>): Promise<T> => {
  const isClosed = !existsSync(`${path}-wal`);
  const reader = await openReader(path, waitMs);
  try {
    return await look(reader);
  } finally {
    await reader.close();
    // The last one that could write takes the WAL along.
    if (isClosed && existsSync(`${path}-wal`)) await (await openWriter(path)).close();
  }
};
