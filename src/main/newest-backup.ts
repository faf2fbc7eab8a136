import type { Stats } from 'node:fs';
import { type FileHandle, open, opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../domain/shared/error-code.ts';

/** The newest backup of this data. */
export interface NewestBackup {
  /** When it was made; where none is finished, when the directory of backups was. In ms since 1970. */
  readonly at: number;
  readonly isFinished: boolean;
}

/** Where backups of this data stand. */
export const backupsPath = (dataDir: string): string => join(dataDir, 'backups');

/** So many entries are looked at; of them, so many are read, the newest first. */
const MAX_ENTRIES = 10_000;
const MAX_READ = 50;

/** Undefined where no backups are kept here. */
export const newestBackup = async (dataDir: string): Promise<NewestBackup | undefined> => {
  const directory = backupsPath(dataDir);
  const made = await statOf(directory);
  if (!made?.isDirectory()) return undefined;
  const entries: { readonly path: string; readonly at: number }[] = [];
  for await (const { name } of await opendir(directory)) {
    // What begins with a point is not complete yet.
    if (name.startsWith('.')) continue;
    const path = join(directory, name);
    const at = (await statOf(path))?.mtimeMs;
    if (at !== undefined) entries.push({ path, at });
    if (entries.length >= MAX_ENTRIES) break;
  }
  for (const { path, at } of entries.toSorted((a, b) => b.at - a.at).slice(0, MAX_READ))
    if (await isFinished(path)) return { at, isFinished: true };
  return { at: made.birthtimeMs || made.ctimeMs, isFinished: false };
};

/** A whole database or dump, or a directory with one, such as a copy of the data directory. */
const isFinished = async (path: string): Promise<boolean> => {
  if (await isFinishedFile(path)) return true;
  for (const name of ['system.db', 'toc.dat']) if (await isFinishedFile(join(path, name))) return true;
  return false;
};

const isFinishedFile = async (path: string): Promise<boolean> => {
  const about = await statOf(path);
  if (!about?.isFile() || about.size === 0) return false;
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const head = await readAt(file, 0, HEAD_BYTES);
    if (head.toString('latin1', 0, SQLITE.length) === SQLITE) return about.size >= sizeInHeader(head);
    if (head.toString('latin1').includes(DUMP_BEGINS))
      return (await readAt(file, Math.max(0, about.size - HEAD_BYTES), HEAD_BYTES)).toString('latin1').includes(DUMP_ENDS);
    return MAGIC.some((magic) => head.toString('latin1', 0, magic.length) === magic);
  } catch (error) {
    // Somebody else's, such as root's: that it is there and holds something is all that can be told.
    if (errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM') return true;
    if (errorCode(error) === 'ENOENT') return false;
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
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
};
