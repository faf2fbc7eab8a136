import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDatabase, type PostgresServer } from '../../test/support/postgres-server.ts';
import type { Contender } from './contender.ts';

/** Where contenders keep their jobs: each time in a database of their own. */
export interface Places {
  fresh(contender: Contender): Promise<{ readonly place: string; remove(): Promise<void> }>;
}

export const makePlaces = (server: PostgresServer): Places => ({
  fresh: async ({ store }) => {
    if (store === 'PostgreSQL') {
      const { url, drop } = await makeDatabase(server);
      return { place: url, remove: drop };
    }
    const dir = await mkdtemp(join(tmpdir(), 'kept-bench-'));
    return { place: join(dir, 'system.db'), remove: () => rm(dir, { recursive: true, force: true }) };
  },
});

export const inFreshPlace = <T>(places: Places, contender: Contender, use: (place: string) => Promise<T>): Promise<T> =>
  inFreshPlaces(places, contender, 1, ([place = '']) => use(place));

export const inFreshPlaces = async <T>(
  places: Places,
  contender: Contender,
  count: number,
  use: (places: readonly string[]) => Promise<T>,
): Promise<T> => {
  const taken: Awaited<ReturnType<Places['fresh']>>[] = [];
  try {
    while (taken.length < count) taken.push(await places.fresh(contender));
    return await use(taken.map(({ place }) => place));
  } finally {
    for (const { remove } of taken) await remove();
  }
};
