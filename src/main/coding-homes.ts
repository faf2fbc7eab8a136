import { createHash } from 'node:crypto';
import { lstat, mkdir, opendir, rm, rmdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../domain/shared/error-code.ts';

/** How many entries of a home, and how many homes of other workspaces, are looked at each time, at most. */
const MAX_ENTRIES = 50_000;
const MAX_HOMES = 1_000;

/**
 * A home directory for the coding agent in each workspace, below `place`: what it keeps of one is not there in another.
 * As a run takes its home, files in it that nobody has changed for `retentionMs` are removed, and so are homes that no
 * run has taken for as long; nothing where `retentionMs` is Infinity. What can't be removed stays.
 */
export const makeCodingHomes =
  ({ place, retentionMs, now = Date.now }: { readonly place: string; readonly retentionMs: number; readonly now?: () => number }) =>
  async (workspace: string): Promise<string> => {
    const own = createHash('sha256').update(workspace).digest('hex').slice(0, 32);
    const home = join(place, own);
    const before = now() - retentionMs;
    await mkdir(home, { recursive: true, mode: 0o700 });
    await utimes(home, now() / 1_000, now() / 1_000);
    await purgeWithin(home, before, { entries: MAX_ENTRIES });
    await purgeUnused(place, own, before);
    return home;
  };

/** Removes what is old in a directory; no link is followed. */
const purgeWithin = async (directory: string, before: number, left: { entries: number }): Promise<void> => {
  for (const name of await namesIn(directory, left.entries)) {
    if (left.entries-- <= 0) return;
    const path = join(directory, name);
    const found = await lstat(path).catch(() => undefined);
    if (!found) continue;
    if (found.isDirectory()) await purgeWithin(path, before, left);
    if (found.mtimeMs >= before) continue;
    // A directory that is not empty stays.
    await (found.isDirectory() ? rmdir(path) : rm(path)).catch(() => undefined);
  }
};

const purgeUnused = async (place: string, own: string, before: number): Promise<void> => {
  for (const name of await namesIn(place, MAX_HOMES)) {
    if (name === own) continue;
    const found = await lstat(join(place, name)).catch(() => undefined);
    if (found && found.mtimeMs < before) await rm(join(place, name), { recursive: true, force: true }).catch(() => undefined);
  }
};

/** The first names in a directory; none where it can't be read. */
const namesIn = async (directory: string, most: number): Promise<readonly string[]> => {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(directory)) if (names.push(name) >= most) break;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
  return names;
};
