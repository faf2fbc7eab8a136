import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, link, mkdir, open, readdir, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BackupManifest, BackupTable } from '../../domain/backup/backup.ts';
import { bytesWords } from '../../domain/shared/bytes.ts';
import { present } from '../../domain/shared/present.ts';
import type { DatabaseBackups } from '../../ports/backups.ts';
import { PortError, reasonOf } from '../../ports/index.ts';
import { pendingAmong } from '../sql/migrations.ts';
import type { BackupAnswer, BackupTask } from './backup-protocol.ts';
import { toPortError } from './errors.ts';
import { requireDatabaseFile, sizeOf } from './files.ts';
import { isMarked } from './mark.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** The database within a backup: it can be opened as it is. */
const COPY = 'system.db';
/** A database that is being restored; it may hold sessions. */
const DRAFT = '.restore-';
/** The thread's file is beside this one, as TypeScript or as JavaScript. */
const THREAD = new URL(`./backup-thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);

/** Backups of the database at `path`, and databases made of backups there. */
export const makeSqliteBackups = (path: string): DatabaseBackups => ({
  engine: 'sqlite',
  take: async (directory, signal) => {
    requireDatabaseFile(path);
    await requireRoom(path, directory);
    const {
      fault,
      tables = {},
      migrations = [],
      sessions = [],
    } = await inThread({ kind: 'take', path, copy: join(directory, COPY) }, signal);
    if (fault !== undefined)
      throw new PortError('storage-corrupt', `${path} is not sound, and no backup was made of it: ${fault}`, { retryable: false });
    return { tables, migrations: migrations.map(({ name }) => name), sessions };
  },
  check: async (directory, manifest) => {
    const copy = join(directory, COPY);
    if (!existsSync(copy)) return [`${COPY} is missing`];
    const { fault, tables = {} } = await inThread({ kind: 'look', copy });
    return fault === undefined ? differences(tables, manifest) : [`${COPY}: ${fault}`];
  },
  requireEmpty: async () => {
    await sweep(dirname(path));
    const there = [path, `${path}-wal`].find((file) => existsSync(file)) ?? (isMarked(path) ? `${path}.mark` : undefined);
    if (there !== undefined)
      throw new PortError('invalid-request', `there is data already (${there}): a backup is restored into an empty directory`, {
        retryable: false,
      });
  },
  restore: async (directory, manifest, sessions) => {
    const draft = join(dirname(path), `${DRAFT}${randomUUID()}`);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await sweep(dirname(path));
      await mkdir(draft, { mode: 0o700 });
      const copy = join(draft, basename(path));
      await copyFile(join(directory, COPY), copy);
      await chmod(copy, 0o600);
      const { fault, tables = {}, migrations = [] } = await inThread({ kind: 'look', copy });
      const [wrong] = fault === undefined ? differences(tables, manifest) : [fault];
      if (wrong !== undefined) throw new PortError('storage-corrupt', `the copy in ${draft} is not sound: ${wrong}`, { retryable: true });
      // A backup of a version that is too new is refused.
      pendingAmong(MIGRATIONS, migrations, directory);
      await inThread({ kind: 'put-back', copy, sessions });
      await toDisk(copy);
      // A link never takes the place of what is there.
      await link(copy, path);
      await toDisk(dirname(path));
    } catch (error) {
      throw toPortError(error, path);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
    return path;
  },
});

/** What a restore has left that was killed. */
const sweep = async (directory: string): Promise<void> => {
  const left = existsSync(directory) ? (await readdir(directory)).filter((name) => name.startsWith(DRAFT)) : [];
  for (const name of left) await rm(join(directory, name), { recursive: true, force: true });
};

/** So much stays free: what people write needs room more than a backup does. */
const SPARE_BYTES = 64 * 1024 ** 2;

const requireRoom = async (path: string, directory: string): Promise<void> => {
  const needed = sizeOf(path) + sizeOf(`${path}-wal`);
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize >= needed + SPARE_BYTES) return;
  const words = `${bytesWords(bavail * bsize)} are free, and a backup of ${bytesWords(needed)} must leave ${bytesWords(SPARE_BYTES)}`;
  throw new PortError('storage-full', `there is not enough room for a backup in ${dirname(directory)}: ${words}`, { retryable: true });
};

/** A whole and sound database may still lack rows: what was counted when the backup was made must be there. */
const differences = (found: Readonly<Record<string, BackupTable>>, { tables }: BackupManifest): readonly string[] => [
  ...Object.entries(tables).flatMap(([name, { rows }]) =>
    found[name]?.rows === rows ? [] : [`${name} holds ${found[name]?.rows ?? 'no'} rows instead of ${rows}`],
  ),
  ...Object.keys(found).flatMap((name) => (Object.hasOwn(tables, name) ? [] : [`${name} is a table that was not there`])),
];

/** Rejects with PortError; `aborted` once the thread has ended. */
const inThread = async (task: BackupTask, signal?: AbortSignal): Promise<BackupAnswer> => {
  const { promise, resolve, reject } = Promise.withResolvers<BackupAnswer>();
  const thread = new Worker(THREAD, { workerData: { task } });
  const failed = (cause: unknown): void =>
    reject(new PortError('unknown', `the thread of the backup failed: ${reasonOf(cause)}`, { retryable: true, cause }));
  thread
    .on('message', resolve)
    .on('error', failed)
    .on('exit', () => failed(new Error('it ended')));
  const aborted = (): void => void thread.terminate();
  signal?.addEventListener('abort', aborted);
  if (signal?.aborted) aborted();
  try {
    const answer = await promise;
    if (!answer.failure) return answer;
    const { code, message, ...about } = answer.failure;
    throw new PortError(code, message, about);
  } catch (error) {
    if (signal?.aborted)
      throw new PortError('aborted', 'the backup was stopped', { retryable: true, ...present({ cause: signal.reason }) });
    throw error;
  } finally {
    signal?.removeEventListener('abort', aborted);
    await thread.terminate();
  }
};

const toDisk = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
