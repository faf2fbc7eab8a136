import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PortError, reasonOf } from '../../ports/index.ts';

const ROOM_BYTES = 100 * 1024 * 1024;

/**
 * Whether a directory, or the parent in which it will be created, has room and can be written. Leaves nothing behind.
 */
export const probeDirectory = async (directory: string): Promise<string> => {
  let place = directory;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  const free = await freeBytes(place);
  const shown = `${Math.floor(free / 1024 ** 2).toLocaleString('en')} MB free`;
  if (free < ROOM_BYTES) throw new PortError('storage-full', `there are only ${shown}`, { retryable: true });
  const file = join(place, `.kept-probe-${randomUUID()}`);
  try {
    await writeFile(file, 'x', { mode: 0o600, flag: 'wx' });
    return place === directory ? `can be written, ${shown}` : `can be made, ${shown}`;
  } catch (error) {
    throw new PortError('unauthorised', `can't be written: ${reasonOf(error)}`, { retryable: false, cause: error });
  } finally {
    await rm(file, { force: true });
  }
};

const freeBytes = async (place: string): Promise<number> => {
  try {
    const { bavail, bsize } = await statfs(place);
    return bavail * bsize;
  } catch (error) {
    throw new PortError('unavailable', `can't be looked at: ${reasonOf(error)}`, { retryable: false, cause: error });
  }
};
