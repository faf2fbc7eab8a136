import {
  BACKUP_FORMAT,
  BACKUP_FORMAT_VERSION,
  type BackupEngine,
  backupName,
  isFromFuture,
  superfluous,
} from '../../domain/backup/backup.ts';
import { present } from '../../domain/shared/present.ts';
import type { BackupDraft, BackupShelf, Belongings, DatabaseBackups, OpenedBackup, SealedValue, Sealer } from '../../ports/backups.ts';
import type { Clock } from '../../ports/clock.ts';
import { PortError } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Backups, VerifiedBackup } from '../../ports/use-cases/backups.ts';

/** Sessions of accounts, encrypted. */
const SESSIONS_FILE = 'sessions.sealed';
const FILES = 'files/';

export interface BackupParts {
  readonly shelf: BackupShelf;
  /** The engine of this installation. */
  readonly engine: BackupEngine;
  /** Those that can be checked and restored here. */
  database(engine: BackupEngine): Promise<DatabaseBackups>;
  /** What belongs to the installation beside the database. */
  belongings(): Promise<Belongings>;
  /** Puts them where a person finds them, and resolves to where. */
  putFiles(files: Belongings['files']): Promise<string>;
  readonly sealer: Sealer;
  /** Absent: sessions are left out. */
  readonly passphrase?: string | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Pick<Randomness, 'id'>;
  /** Of Kept. */
  readonly version: string;
}

export const makeBackups = (parts: BackupParts): Backups => {
  const { shelf } = parts;
  return {
    create: async (place, signal = new AbortController().signal) => {
      const createdAt = parts.clock.now();
      const draft = await shelf.begin(backupName(createdAt, parts.randomness.id()), place);
      try {
        return await fill(parts, draft, createdAt, signal);
      } catch (error) {
        await draft.discard();
        throw error;
      }
    },
    list: (place) => shelf.list(place),
    verify: async (path) => verified(parts, await shelf.open(path)),
    restore: async (path) => {
      const opened = await shelf.open(path);
      const { manifest } = opened;
      const database = await parts.database(manifest.engine);
      await database.requireEmpty();
      const { faults } = await verified(parts, opened);
      const [fault] = faults;
      if (fault !== undefined) throw new PortError('storage-corrupt', `${path} can't be restored: ${fault}`, { retryable: false });
      const sessions = await sessionsOf(parts, opened);
      const files = await filesOf(opened);
      // The database comes last: until it is there, all of this can be done again.
      const put = files.length === 0 ? undefined : await parts.putFiles(files);
      const place = await database.restore(opened.path, manifest, sessions);
      return { place, rows: manifest.rows, hasSessions: sessions.length > 0, ...present({ files: put }) };
    },
    prune: async (place, keep) => {
      const now = parts.clock.now();
      const gone = superfluous(
        // One from the future would count as the newest for years.
        (await shelf.list(place)).filter(({ createdAt }) => !isFromFuture(createdAt, now)),
        keep,
      );
      for (const backup of gone) await shelf.remove(backup);
      return gone;
    },
  };
};

const fill = async (parts: BackupParts, draft: BackupDraft, createdAt: number, signal: AbortSignal) => {
  const { engine, version, sealer, passphrase } = parts;
  const { sessions, ...taken } = await (await parts.database(engine)).take(draft.directory, signal);
  const { files, leftOut } = await parts.belongings();
  for (const { path, content } of files) await draft.add(`${FILES}${path}`, content);
  const without = [...leftOut];
  if (sessions.length > 0 && passphrase !== undefined)
    await draft.add(SESSIONS_FILE, await sealer.seal(JSON.stringify(sessions), passphrase));
  else if (sessions.length > 0) without.push('sessions of accounts: set KEPT_BACKUP_PASSPHRASE, and they are in it, encrypted');
  if (signal.aborted) throw new PortError('aborted', 'the backup was stopped', { retryable: true, cause: signal.reason });
  const manifest = { format: BACKUP_FORMAT, formatVersion: BACKUP_FORMAT_VERSION, createdAt, version, engine, leftOut: without } as const;
  const { migrations, tables } = taken;
  return { ...(await draft.finish({ ...manifest, migrations, tables })), leftOut: without };
};

const verified = async ({ database }: BackupParts, { path, manifest, faults }: OpenedBackup): Promise<VerifiedBackup> => {
  const found = await faults();
  // A damaged file says nothing about what it held.
  if (found.length > 0) return { path, manifest, faults: found };
  return { path, manifest, faults: await (await database(manifest.engine)).check(path, manifest) };
};

const sessionsOf = async ({ sealer, passphrase }: BackupParts, opened: OpenedBackup): Promise<readonly SealedValue[]> => {
  const sealed = await opened.read(SESSIONS_FILE);
  if (sealed === undefined || passphrase === undefined) return [];
  const text = await sealer.open(sealed, passphrase);
  if (text === undefined)
    throw new PortError(
      'unauthorised',
      'KEPT_BACKUP_PASSPHRASE does not open the sessions of this backup: give the passphrase that it was made with, or none to leave them out',
      { retryable: false },
    );
  return JSON.parse(text) as readonly SealedValue[];
};

const filesOf = async ({ manifest, read }: OpenedBackup): Promise<Belongings['files']> => {
  const paths = Object.keys(manifest.files).filter((path) => path.startsWith(FILES));
  return Promise.all(paths.map(async (path) => ({ path: path.slice(FILES.length), content: (await read(path)) ?? '' })));
};
