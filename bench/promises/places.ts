import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDatabase, type PostgresServer, startPostgres } from '../../test/support/postgres-server.ts';
import type { Contender } from './contender.ts';

/** Where contenders keep their jobs: each time in a database of their own. */
export interface Places {
  fresh(contender: Contender): Promise<{ readonly place: string; remove(): Promise<void> }>;
  remove(): Promise<void>;
}

export const makePlaces = async (): Promise<Places> => {
  const server: PostgresServer = await startPostgres();
  return {
    fresh: async ({ store }) => {
      if (store === 'PostgreSQL') {
        const { url, drop } = await makeDatabase(server);
        return { place: url, remove: drop };
      }
      const dir = await mkdtemp(join(tmpdir(), 'kept-bench-'));
      return { place: join(dir, 'system.db'), remove: () => rm(dir, { recursive: true, force: true }) };
    },
    remove: () => server.remove(),
  };
};

export const inFreshPlace = async <T>(places: Places, contender: Contender, use: (place: string) => Promise<T>): Promise<T> => {
  const { place, remove } = await places.fresh(contender);
  try {
    return await use(place);
  } finally {
    await remove();
  }
};
