import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PortError, reasonOf } from '../../ports/index.ts';

/**
 * A directory that all processes of this user share on this machine, and nobody else: made below the temporary
 * directory, readable to its owner alone. Rejects with PortError where somebody else has taken its place.
 */
export const takeUserDirectory = async (name: string): Promise<string> => {
  const uid = process.getuid?.();
  const path = join(tmpdir(), `kept-${name}${uid === undefined ? '' : `-${uid}`}`);
  const found = await mkdir(path, { recursive: true, mode: 0o700 })
    .then(() => lstat(path))
    .catch((error: unknown) => {
      throw new PortError('unavailable', `${path} can't be made: ${reasonOf(error)}`, { retryable: true, cause: error });
    });
  if (found.isDirectory() && (uid === undefined || found.uid === uid)) return path;
  throw new PortError('unavailable', `${path} is not a directory of this user`, { retryable: false });
};
