import type { Dirent, Stats } from 'node:fs';
import { lstat, opendir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSecretPath } from '../../domain/workspace/secret-names.ts';

/** The identity of a file or directory, whatever its name: `device:inode`. Hard links and bind mounts have the same. */
export type Identity = string;
export const identityOf = ({ dev, ino }: Pick<Stats, 'dev' | 'ino'>): Identity => `${dev}:${ino}`;

/** Trees beyond this are not looked through to the end: names and shapes still count there. */
const MAX_ENTRIES = 50_000;
const MAX_WITHIN = 2_000;
const NOT_LOOKED_THROUGH: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/**
 * What is hidden from agents in a tree: files and directories with the name of a secret, the targets of links with such
 * a name, and everything in directories with such a name. `hidden` (files or directories) are hidden with all their
 * content. Unreadable places are skipped.
 */
export const keptIdentities = async (root: string, hidden: readonly string[]): Promise<ReadonlySet<Identity>> => {
  const kept = new Set<Identity>();
  let left = MAX_ENTRIES;

  const keep = async (path: string, room = MAX_WITHIN): Promise<void> => {
    const found = await stat(path).catch(() => undefined);
    if (!found || kept.has(identityOf(found))) return;
    kept.add(identityOf(found));
    // The target of a link is hidden as a whole already; a hard link may have another name elsewhere.
    if (!(await lstat(path).catch(() => undefined))?.isDirectory()) return;
    let at = 0;
    for await (const { name } of entriesOf(path)) {
      if (at++ >= room || left-- <= 0) break;
      await keep(join(path, name), room);
    }
  };

  const pending = [''];
  for (const path of hidden) await keep(path);
  for (let below = pending.shift(); below !== undefined && left > 0; below = pending.shift())
    for await (const entry of entriesOf(join(root, below))) {
      if (left-- <= 0) break;
      const path = join(below, entry.name);
      if (isSecretPath(path, entry.isDirectory())) await keep(join(root, path));
      else if (entry.isDirectory() && !NOT_LOOKED_THROUGH.has(entry.name)) pending.push(path);
    }
  // A link to the whole tree must not take all of it away.
  const whole = await stat(root).catch(() => undefined);
  if (whole) kept.delete(identityOf(whole));
  return kept;
};

/** How long a result for a tree stays valid. */
const KEPT_MS = 3_000;
const MAX_ROOTS = 100;

/**
 * Tells whether a place is hidden, as `isKept` does. The hidden files of a tree are searched once for all readers at
 * about the same time. They are searched anew before a place is said to be hidden: it may be a new file that has the
 * identity of one that was deleted.
 */
export const rememberKept = (hidden: readonly string[]) => {
  const known = new Map<string, { readonly at: number; readonly kept: Promise<ReadonlySet<Identity>> }>();
  const look = (root: string, notBefore: number) => {
    const last = known.get(root);
    if (last && last.at >= notBefore) return last;
    if (known.size >= MAX_ROOTS) known.clear();
    const looked = { at: performance.now(), kept: keptIdentities(root, hidden) };
    known.set(root, looked);
    return looked;
  };
  return async (root: string, path: string, opened: Pick<Stats, 'dev' | 'ino'>): Promise<boolean> => {
    const begun = performance.now();
    const recent = look(root, begun - KEPT_MS);
    if (!(await isKept(await recent.kept, root, path, opened))) return false;
    return recent.at >= begun || isKept(await look(root, begun).kept, root, path, opened);
  };
};

/** Whether a file below `root` is hidden, itself or through one of its directories. */
export const isKept = async (
  kept: ReadonlySet<Identity>,
  root: string,
  path: string,
  opened: Pick<Stats, 'dev' | 'ino'>,
): Promise<boolean> => {
  if (kept.has(identityOf(opened))) return true;
  for (let at = path; at !== root && at.length > root.length; ) {
    at = dirname(at);
    const found = await stat(at).catch(() => undefined);
    if (found && kept.has(identityOf(found))) return true;
  }
  return false;
};

/** Read so many at a time: a directory of many thousands must not hold up everybody else. */
const ENTRIES_AT_ONCE = 128;

/** An unreadable place has no identity. */
async function* entriesOf(path: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(path, { bufferSize: ENTRIES_AT_ONCE });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
