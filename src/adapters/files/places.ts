import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { errorCode } from '../../domain/shared/error-code.ts';
import { PortError } from '../../ports/port-error.ts';
import type { WorkspacePlaces } from '../../ports/workspace-places.ts';
import { isInside } from './containment.ts';

/** Links that lead to links, and parents that are missing: more than any tree has. */
const MAX_STEPS = 512;

/** Follows the links of a path as far as it exists; the rest stays as it is. Undefined where that can't be told. */
const followed = async (path: string): Promise<string | undefined> => {
  const missing: string[] = [];
  let existing = path;
  for (let step = 0; step < MAX_STEPS; step++) {
    try {
      return join(await realpath(existing), ...missing);
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'ENOENT' && code !== 'ENOTDIR') return undefined;
      // A link that leads nowhere would be written through.
      if (await isLink(existing)) return undefined;
      if (dirname(existing) === existing) return undefined;
      missing.unshift(basename(existing));
      existing = dirname(existing);
    }
  }
  return undefined;
};

const isLink = async (path: string): Promise<boolean> => (await lstat(path).catch(() => undefined))?.isSymbolicLink() ?? false;

/** Places on this machine's disk. */
export const workspacePlaces: WorkspacePlaces = {
  async locate(directory, paths) {
    const root = await realpath(directory).catch((error: unknown) => {
      throw new PortError('not-found', 'the workspace directory does not exist, or may not be entered', { retryable: false, cause: error });
    });
    return Promise.all(
      paths.map(async (path) => {
        if (path === '' || path.includes('\0')) return undefined;
        const place = await followed(resolve(root, path));
        if (place === undefined || !isInside(root, place)) return undefined;
        return relative(root, place).split(sep).join('/') || '.';
      }),
    );
  },
};
