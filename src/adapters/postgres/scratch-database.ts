import { randomUUID } from 'node:crypto';
import { askPostgres } from './ask.ts';
import { toPortError } from './errors.ts';
import { placeOf } from './place.ts';
import type { Reach } from './reach.ts';

const TIMEOUT_MS = 30_000;

/**
 * Makes an empty database beside that of `reach`, and removes it once `use` has ended, with whoever is connected to it.
 * Rejects with PortError `unauthorised` where the user may make none.
 */
export const withScratchDatabase = async <T>(reach: Reach, use: (reach: Reach) => Promise<T>): Promise<T> => {
  const name = `kept_bench_${randomUUID().slice(0, 8)}`;
  const run = async (statement: string): Promise<void> => {
    try {
      const asked = { name: 'kept bench', timeoutMs: TIMEOUT_MS, signal: AbortSignal.timeout(TIMEOUT_MS) };
      await askPostgres(reach, asked, (client) => client.query(statement));
    } catch (error) {
      throw toPortError(error, placeOf(reach.url));
    }
  };
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(reach.url);
  url.pathname = `/${name}`;
  try {
    return await use({ ...reach, url: url.href });
  } finally {
    await run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
};
