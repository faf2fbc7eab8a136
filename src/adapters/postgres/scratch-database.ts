import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { askPostgres } from './ask.ts';
import { toPortError } from './errors.ts';
import { placeOf } from './place.ts';
import type { Reach } from './reach.ts';

const TIMEOUT_MS = 30_000;
/** Says whose it is, so that what a run that was killed left behind is removed by the next one. */
const PREFIX = 'kept_bench_';

/** Those that no run works with: each is connected under the name of its database before that is made. */
const LEFT = `SELECT d.datname AS name FROM pg_database d
  WHERE d.datname ~ '^${PREFIX}[0-9a-f]{8}$' AND pg_has_role(d.datdba, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE d.datname IN (a.datname, a.application_name))`;

/**
 * Makes an empty database beside that of `reach`, and removes it once `use` has ended, with whoever is connected to it.
 * Rejects with PortError `unauthorised` where the user may make none.
 */
export const withScratchDatabase = async <T>(reach: Reach, use: (reach: Reach) => Promise<T>): Promise<T> => {
  const name = `${PREFIX}${randomUUID().slice(0, 8)}`;
  const ask = async (application: string, signal: AbortSignal, work: (client: pg.Client) => Promise<unknown>): Promise<void> => {
    try {
      await askPostgres(reach, { name: application, timeoutMs: TIMEOUT_MS, signal }, work);
    } catch (error) {
      throw toPortError(error, placeOf(reach.url));
    }
  };
  const made = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const holding = ask(name, new AbortController().signal, async (client) => {
    await removeLeft(client);
    await client.query(`CREATE DATABASE ${name}`);
    made.resolve();
    await over.promise;
  });
  const url = new URL(reach.url);
  url.pathname = `/${name}`;
  try {
    await Promise.race([made.promise, holding]);
    try {
      return await use({ ...reach, url: url.href });
    } finally {
      // Over a connection of its own: the other one may have broken meanwhile.
      await ask('kept bench', AbortSignal.timeout(TIMEOUT_MS), (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    }
  } finally {
    over.resolve();
    await holding.catch(() => undefined);
  }
};

const removeLeft = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ readonly name: string }>(LEFT);
  for (const { name } of rows)
    await client.query(`DROP DATABASE IF EXISTS ${name}`).catch((error: unknown) => {
      // Somebody looks at it meanwhile: the next run removes it.
      if ((error as { readonly code?: unknown }).code !== '55006') throw error;
    });
};
