import { mkdir } from 'node:fs/promises';
import type { Stores } from '../../src/ports/index.ts';
import { makeSite, type Site } from './kept-process.ts';
import { openStorage } from './sqlite-storage.ts';

/** A Kept that does not run, with what `fill` has stored. */
export const makeStoredSite = async (fill: (stores: Stores, site: Site) => Promise<unknown>): Promise<Site> => {
  const site = await makeSite({ KEPT_MODELS: 'rehearsal' });
  await mkdir(site.dataDir, { mode: 0o700 });
  const { stores, close } = await openStorage(site.database);
  await fill(stores, site);
  await close();
  return site;
};
