import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { errorCode } from '../../domain/shared/error-code.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { isSecretPath } from '../../domain/workspace/secret-names.ts';
import { PortError, reasonOf } from '../../ports/port-error.ts';

/** A place inside a root, after every link was followed. Both absolute. */
export interface Contained {
  readonly root: string;
  readonly path: string;
  /** The place that was asked for, links not followed. */
  readonly asked: string;
  readonly isDirectory: boolean;
}

/**
 * Whether `path` is `root` or below it, compared by whole segments: `/a/bc` is not in `/a/b`. Both must be absolute and
 * free of links.
 */
export const isInside = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

/**
 * Whether a place inside the root is hidden from agents: by its name, as asked or as resolved, or because it is in
 * `hidden` (real paths).
 */
export const isHidden = (hidden: readonly string[], { root, path, asked, isDirectory }: Contained): boolean =>
  [path, asked].some((place) => isSecretPath(relative(root, place), isDirectory)) || hidden.some((place) => isInside(place, path));

/**
 * The real place of `path`, taken from `root`. Rejects with PortError `invalid-request` where it leads outside,
 * `not-found` where it leads nowhere.
 */
export const locate = async (root: string, path: string): Promise<Contained> => {
  if (path.includes('\0')) throw refused(path, 'holds a NUL character');
  const realRoot = await realpath(root).catch((error: unknown) => {
    throw new PortError('not-found', 'the workspace directory does not exist, or may not be entered', { retryable: false, cause: error });
  });
  const wanted = resolve(root, path);
  const inside = isInside(resolve(root), wanted) ? relative(resolve(root), wanted) : relative(realRoot, wanted);
  const candidate = resolve(realRoot, inside);
  if (!isInside(realRoot, candidate)) throw outside(path);
  const real = await realpath(candidate).catch((error: unknown) => failLikeInside(realRoot, candidate, path, error));
  if (!isInside(realRoot, real)) throw outside(path);
  const isDirectory = (await stat(real).catch(() => undefined))?.isDirectory() ?? false;
  return { root: realRoot, path: real, asked: candidate, isDirectory };
};

/**
 * Opens a regular file for reading, and checks the file that was really opened: the path may change between check and
 * use. Never blocks on a FIFO, and never follows a link that was put there in the meantime.
 */
export const openContained = async ({ root, path }: Pick<Contained, 'root' | 'path'>, shown: string): Promise<FileHandle> => {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
    throw fileError(shown, error);
  });
  try {
    const opened = await file.stat();
    if (opened.isDirectory()) throw refused(shown, 'is a directory');
    if (!opened.isFile()) throw refused(shown, 'is not a regular file');
    const now = process.platform === 'linux' ? await readlink(`/proc/self/fd/${file.fd}`) : await realpath(path);
    const there = await stat(now).catch((error: unknown) => {
      throw fileError(shown, error);
    });
    if (!isInside(root, now) || there.ino !== opened.ino || there.dev !== opened.dev) throw outside(shown);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
};

/**
 * A path that leads nowhere says `not-found` only where it leads nowhere inside: links must not tell what exists
 * outside.
 */
const failLikeInside = async (root: string, candidate: string, path: string, error: unknown): Promise<never> => {
  if (!isMissing(error)) throw fileError(path, error);
  if ((await lstat(candidate).catch(() => undefined))?.isSymbolicLink()) throw refused(path, 'is a link that leads outside or nowhere');
  for (let parent = dirname(candidate); isInside(root, parent); parent = dirname(parent)) {
    const real = await realpath(parent).catch(() => undefined);
    if (real !== undefined) throw isInside(root, real) ? fileError(path, error) : outside(path);
    if ((await lstat(parent).catch(() => undefined))?.isSymbolicLink())
      throw refused(path, 'goes through a link that leads outside or nowhere');
  }
  throw fileError(path, error);
};

const isMissing = (error: unknown): boolean => errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';

const quoted = (path: string): string => JSON.stringify(excerpt(path, 200));

export const refused = (path: string, why: string): PortError =>
  new PortError('invalid-request', `${quoted(path)} ${why}`, { retryable: false });
const outside = (path: string): PortError => refused(path, 'leads outside the directory that may be read here');

/** Words for a refusal of the file system. They name the path as it was given. */
export const fileError = (path: string, error: unknown): PortError => {
  const code = errorCode(error);
  if (isMissing(error)) return new PortError('not-found', `${quoted(path)} does not exist`, { retryable: false, cause: error });
  const why =
    code === 'EACCES' || code === 'EPERM'
      ? 'may not be read'
      : code === 'ELOOP'
        ? 'goes round in links'
        : code === 'ENAMETOOLONG'
          ? 'is too long'
          : `can't be read (${code ?? reasonOf(error)})`;
  return refused(path, why);
};

/** A path for people and models: from the root, with `/` between parts. */
export const shownPath = (root: string, path: string): string => relative(root, path).split(sep).join('/');
