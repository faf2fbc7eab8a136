import type { Stats } from 'node:fs';
import { type FileHandle, open, opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeBackupShelf } from '../adapters/backup-files/index.ts';
import { isFromFuture } from '../domain/backup/backup.ts';
import { errorCode } from '../domain/shared/error-code.ts';
import { present } from '../domain/shared/present.ts';
import { isPortError } from '../ports/index.ts';

/** The newest backup of this data. */
export interface NewestBackup {
  /** When it was made; where there is none, when the directory of backups was. In ms since 1970. */
  readonly at: number;
  /** Whether there is one that did not visibly break off. */
  readonly isFound: boolean;
  /** Whether its end was seen. What is packed, encrypted or somebody else's can't be looked into. */
  readonly isWhole: boolean;
  /** How many bear a time in the future, and count as none. Absent where there are none. */
  readonly ahead?: number;
  /** Entries that could not be looked at, or the directory itself. Absent where there are none. */
  readonly unread?: readonly string[];
}

/** Where backups of this data stand. */
export const backupsPath = (dataDir: string): string => join(dataDir, 'backups');

/** What begins with a point is not complete yet; the other is that of a file system. */
export const mayBeBackup = (name: string): boolean => !name.startsWith('.') && name !== 'lost+found';

/** So many entries are looked at; of them, so many are read, the newest first. */
const MAX_ENTRIES = 10_000;
const MAX_READ = 50;

/** Undefined where no backups are kept here. */
export const newestBackup = async (dataDir: string, now = Date.now()): Promise<NewestBackup | undefined> => {
  const directory = backupsPath(dataDir);
  const made = await statOf(directory);
  if (!made?.isDirectory()) return undefined;
  const entries: Entry[] = [];
  const unread = new Set<string>();
  /** What is somebody else's, or on a disk that fails, must not hide the backups beside it. */
  const orUnread = async (path: string, look: () => Promise<void>): Promise<void> => {
    try {
      await look();
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      unread.add(path);
    }
  };
  await orUnread(directory, async () => {
    for await (const { name } of await opendir(directory)) {
      if (!mayBeBackup(name)) continue;
      const path = join(directory, name);
      await orUnread(path, async () => {
        const about = await statOf(path);
        if (about) entries.push({ path, at: about.mtimeMs, bytes: about.size, series: name.replaceAll(/\d+/g, '#') });
      });
      if (entries.length >= MAX_ENTRIES) break;
    }
  });
  const newestFirst = entries.toSorted((a, b) => b.at - a.at);
  const found: NewestBackup[] = [];
  let isForeignFound = false;
  let ahead = 0;
  const lookAt = async (entry: Entry, older: readonly Entry[]): Promise<void> => {
    const own = await ownBackup(entry.path);
    if (isFromFuture(own?.createdAt ?? entry.at, now)) {
      if (own || (await stateOf(entry.path)) !== 'none') ahead++;
      return;
    }
    if (own?.isWhole) found.push({ at: own.createdAt, isFound: true, isWhole: true });
    if (own || isForeignFound) return;
    const state = await stateOf(entry.path);
    isForeignFound = state === 'whole' || (state === 'unseen' && !isCut(entry, older));
    if (isForeignFound) found.push({ at: entry.at, isFound: true, isWhole: state === 'whole' });
  };
  for (const [i, entry] of newestFirst.slice(0, MAX_READ).entries())
    await orUnread(entry.path, () => lookAt(entry, newestFirst.slice(i + 1)));
  const [newest] = found.toSorted((a, b) => b.at - a.at);
  const none = { at: Math.min(now, made.birthtimeMs || made.ctimeMs), isFound: false, isWhole: false };
  return { ...(newest ?? none), ...present({ ahead: ahead || undefined, unread: unread.size > 0 ? [...unread] : undefined }) };
};

/** One that Kept has made says itself when. Undefined where it is none of those. */
const ownBackup = async (path: string): Promise<{ readonly createdAt: number; readonly isWhole: boolean } | undefined> => {
  try {
    const { manifest } = await makeBackupShelf().open(path);
    for (const [name, { bytes }] of Object.entries(manifest.files))
      if ((await statOf(join(path, name)))?.size !== bytes) return { createdAt: manifest.createdAt, isWhole: false };
    return { createdAt: manifest.createdAt, isWhole: true };
  } catch (error) {
    if (isPortError(error)) return undefined;
    throw error;
  }
};

interface Entry {
  readonly path: string;
  readonly at: number;
  readonly bytes: number;
  /** The name without its date and number: backups that one command makes, again and again. */
  readonly series: string;
}

/** Whether it is far smaller than the one before it, as what is packed is when its writer was killed. */
const isCut = ({ bytes, series }: Entry, older: readonly Entry[]): boolean => {
  const before = older.find((each) => each.series === series);
  return before !== undefined && bytes < before.bytes / 2;
};

/** `unseen`: it begins as a backup does, and its end can't be looked at. */
type State = 'whole' | 'unseen' | 'none';

/** Of a database or dump, or of a directory with one, such as a copy of the data directory. */
const stateOf = async (path: string): Promise<State> => {
  for (const each of [path, join(path, 'system.db'), join(path, 'toc.dat')]) {
    const state = await stateOfFile(each);
    if (state !== 'none') return state;
  }
  return 'none';
};

const stateOfFile = async (path: string): Promise<State> => {
  const about = await statOf(path);
  if (!about?.isFile() || about.size === 0) return 'none';
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const head = await readAt(file, 0, HEAD_BYTES);
    if (head.toString('latin1', 0, SQLITE.length) === SQLITE) return about.size >= sizeInHeader(head) ? 'whole' : 'none';
    if (head.toString('latin1').includes(DUMP_BEGINS)) {
      const end = await readAt(file, Math.max(0, about.size - HEAD_BYTES), HEAD_BYTES);
      return end.toString('latin1').includes(DUMP_ENDS) ? 'whole' : 'none';
    }
    return MAGIC.some((magic) => head.toString('latin1', 0, magic.length) === magic) ? 'unseen' : 'none';
  } catch (error) {
    // Somebody else's, such as root's: that it is there and holds something is all that can be told.
    if (errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM') return 'unseen';
    if (errorCode(error) === 'ENOENT') return 'none';
    throw error;
  } finally {
    await file?.close();
  }
};

const HEAD_BYTES = 512;
const SQLITE = 'SQLite format 3\0';
/** What `pg_dump` writes as text. */
const DUMP_BEGINS = '-- PostgreSQL database';
const DUMP_ENDS = 'dump complete';
/** `pg_dump`: custom, tar, the table of a directory. What is packed: gzip, zstd, xz, bzip2, age and GnuPG in text. */
const MAGIC = ['PGDMP', 'toc.dat\0', '\x1f\x8b', '\x28\xb5\x2f\xfd', '\xfd7zXZ', 'BZh', 'age-encryption.org', '-----BEGIN PGP'];

/** How large a SQLite database says that it is (https://sqlite.org/fileformat2.html#the_database_header). */
const sizeInHeader = (head: Buffer): number => {
  if (head.length < 32) return Number.POSITIVE_INFINITY;
  const pageSize = head.readUInt16BE(16);
  return (pageSize === 1 ? 65_536 : pageSize) * head.readUInt32BE(28);
};

const readAt = async (file: FileHandle, at: number, bytes: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, at);
  return buffer.subarray(0, bytesRead);
};

/** Undefined for what is not there, also where it went away meanwhile. */
const statOf = async (path: string): Promise<Stats | undefined> => {
  try {
    return await stat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
};
