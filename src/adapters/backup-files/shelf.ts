import { createHash } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { lstat, mkdir, open, opendir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Backup, type BackupFile, type BackupManifest, backupBytes, backupRows } from '../../domain/backup/backup.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import { isProcessAlive } from '../../ports/adapter-kit/process-alive.ts';
import type { BackupDraft, BackupShelf, OpenedBackup } from '../../ports/backups.ts';
import { isPortError, PortError, reasonOf } from '../../ports/index.ts';
import { MANIFEST_FILE, noBackup, readManifest } from './manifest.ts';

const MAX_LISTED = 1_000;
const MAX_ENTRIES = 10_000;
const MAX_MANIFEST_BYTES = 8 * 1024 ** 2;
/** What was begun so long ago, on whatever machine, is not being made any more. */
const STALE_MS = 24 * 60 * 60_000;
/** A backup is one directory below its place, with a manifest. Until it is finished, its name begins with a point. */
const DRAFT = /^\.kept-\d{4}-/;
/** Who makes a draft stands at the end of its name. */
const MAKER = /\.(\d+)@(.+)$/;
const FINISHED = /^kept-\d{4}-/;

export const makeBackupShelf = (): BackupShelf => ({
  begin: (name, place) =>
    told(place, async () => {
      await mkdir(place, { recursive: true, mode: 0o700 });
      await sweep(place);
      const directory = resolve(place, `.${name}.${process.pid}@${hostname()}`);
      await mkdir(directory, { mode: 0o700 });
      held.add(directory);
      return makeDraft(directory, join(place, name));
    }),
  list: (place) => told(place, () => listed(place)),
  open: (path) => told(path, () => opened(resolve(path))),
  remove: ({ path }) => told(path, () => removeWhole(path)),
});

/** Those that this process makes. Another one with its number was made by a process that had it before. */
const held = new Set<string>();

const makeDraft = (directory: string, path: string): BackupDraft => ({
  directory,
  add: (name, content) =>
    told(directory, async () => {
      const file = join(directory, name);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(file, content, { mode: 0o600, flag: 'wx' });
    }),
  finish: (about) =>
    told(directory, async () => {
      const files: Record<string, BackupFile> = {};
      for (const name of await filesIn(directory)) {
        await toDisk(join(directory, name));
        files[name] = await hashed(join(directory, name));
      }
      const manifest: BackupManifest = { ...about, rows: backupRows(about.tables), files };
      const file = join(directory, MANIFEST_FILE);
      await writeFile(file, `${JSON.stringify(manifest, null, 1)}\n`, { mode: 0o600, flag: 'wx' });
      await toDisk(file);
      await toDisk(directory);
      await rename(directory, path);
      held.delete(directory);
      await toDisk(dirname(path));
      return backupOf(path, manifest);
    }),
  discard: async () => {
    held.delete(directory);
    await rm(directory, { recursive: true, force: true });
  },
});

/** The place takes a while to say so: a file that is on the disk is there after a power cut. */
const toDisk = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const backupOf = (path: string, manifest: BackupManifest): Backup => ({
  path: resolve(path),
  createdAt: manifest.createdAt,
  engine: manifest.engine,
  rows: manifest.rows,
  bytes: backupBytes(manifest),
});

const listed = async (place: string): Promise<readonly Backup[]> => {
  const found: Backup[] = [];
  for (const name of (await namesIn(place, FINISHED)).toSorted().toReversed().slice(0, MAX_LISTED)) {
    const path = join(place, name);
    try {
      found.push(backupOf(path, await manifestIn(path)));
    } catch (error) {
      // Somebody else's, which is not listed and never removed.
      if (!isPortError(error)) throw error;
    }
  }
  return found.toSorted((a, b) => b.createdAt - a.createdAt);
};

/** Nothing where the place does not exist. */
const namesIn = async (place: string, wanted: RegExp): Promise<string[]> => {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(place)) {
      if (wanted.test(name)) names.push(name);
      if (names.length >= MAX_ENTRIES) break;
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return names;
};

/** Whoever made them was killed. */
const sweep = async (place: string): Promise<void> => {
  for (const name of await namesIn(place, DRAFT)) {
    const path = join(place, name);
    const { mtimeMs } = await lstat(path);
    if (Date.now() - mtimeMs > STALE_MS || isMakerGone(path)) await rm(path, { recursive: true, force: true });
  }
};

/** False where that can't be told, as of another machine's. */
const isMakerGone = (draft: string): boolean => {
  const [, pid, host] = MAKER.exec(draft) ?? [];
  if (host !== hostname()) return false;
  if (Number(pid) === process.pid) return !held.has(resolve(draft));
  return !isProcessAlive(Number(pid));
};

const manifestIn = async (path: string): Promise<BackupManifest> => {
  const file = join(path, MANIFEST_FILE);
  try {
    const { size } = await stat(file);
    if (size > MAX_MANIFEST_BYTES) throw noBackup(path, `its ${MANIFEST_FILE} is too large`);
    return readManifest(await readFile(file, 'utf8'), path);
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') throw noBackup(path, 'it is a file; a backup is a directory');
    if (errorCode(error) !== 'ENOENT') throw error;
    await stat(path);
    throw noBackup(path, `it has no ${MANIFEST_FILE}`);
  }
};

const opened = async (path: string): Promise<OpenedBackup> => {
  const manifest = await manifestIn(path);
  return {
    path,
    manifest,
    faults: () => told(path, () => faultsOf(path, manifest)),
    read: (name) =>
      Object.hasOwn(manifest.files, name) ? told(path, () => readFile(join(path, name), 'utf8')) : Promise.resolve(undefined),
  };
};

const faultsOf = async (path: string, { files, tables, rows }: BackupManifest): Promise<readonly string[]> => {
  const faults: string[] = [];
  if (backupRows(tables) !== rows) faults.push(`${MANIFEST_FILE} counts ${rows} rows, and its tables ${backupRows(tables)}`);
  const there = new Set(await filesIn(path));
  for (const [name, { bytes, sha256 }] of Object.entries(files)) {
    if (!there.delete(name)) faults.push(`${name} is missing`);
    else {
      const found = await hashed(join(path, name));
      if (found.bytes !== bytes) faults.push(`${name} has ${found.bytes} bytes instead of ${bytes}`);
      else if (found.sha256 !== sha256) faults.push(`${name} was changed or is damaged`);
    }
  }
  there.delete(MANIFEST_FILE);
  for (const name of there) faults.push(`${name} does not belong to it`);
  return faults;
};

/** The files below it, by their paths with `/`. What is no file, such as a link, is an error. */
const filesIn = async (directory: string): Promise<readonly string[]> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const odd = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  const pathOf = ({ parentPath, name }: Dirent): string => relative(directory, join(parentPath, name)).replaceAll(sep, '/');
  if (odd) throw noBackup(directory, `${pathOf(odd)} is neither a file nor a directory`);
  return entries
    .filter((entry) => entry.isFile())
    .map(pathOf)
    .toSorted();
};

const hashed = async (path: string): Promise<BackupFile> => {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      hash.update(chunk);
    }
  });
  return { bytes, sha256: hash.digest('hex') };
};

/** Under another name first: half a backup is none. */
const removeWhole = async (path: string): Promise<void> => {
  const draft = join(dirname(path), `.${relative(dirname(path), path)}`);
  await rename(path, draft);
  await rm(draft, { recursive: true, force: true });
};

/** Turns an error of the file system into a PortError. */
const told = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (isPortError(error)) throw error;
    const code = errorCode(error);
    if (code === 'ENOENT') throw new PortError('not-found', `there is nothing at ${path}`, { retryable: false, cause: error });
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new PortError('storage-full', `there is no room left for ${path}: ${reasonOf(error)}`, { retryable: true, cause: error });
    throw new PortError('unavailable', `${path} can't be read or written: ${reasonOf(error)}`, { retryable: true, cause: error });
  }
};
