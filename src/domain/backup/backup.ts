/** What a backup of a database can be of. */
export const BACKUP_ENGINES = ['sqlite', 'postgres'] as const;
export type BackupEngine = (typeof BACKUP_ENGINES)[number];

/** What `manifest.json` of every backup names first. */
export const BACKUP_FORMAT = 'kept-backup';
/** Of the shape of a backup. A version of Kept reads those up to its own. */
export const BACKUP_FORMAT_VERSION = 1;

/** A table of the database, as it stands in a backup. */
export interface BackupTable {
  readonly rows: number;
  /** Of what the table holds, in hex. Absent where the hash of a file says it already. */
  readonly sha256?: string;
}

export interface BackupFile {
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** What a backup holds, and by which it is checked. */
export interface BackupManifest {
  readonly format: typeof BACKUP_FORMAT;
  readonly formatVersion: number;
  /** When it was begun: everything that was committed before is in it. In ms since 1970. */
  readonly createdAt: number;
  /** The version of Kept that made it. */
  readonly version: string;
  readonly engine: BackupEngine;
  /** The migrations that its tables have been through, oldest first. */
  readonly migrations: readonly string[];
  /** By name. */
  readonly tables: Readonly<Record<string, BackupTable>>;
  /** Of all tables. */
  readonly rows: number;
  /** By path within the backup, with `/`. The manifest itself is left out. */
  readonly files: Readonly<Record<string, BackupFile>>;
  /** What belongs to the installation, and is not in it, in words. */
  readonly leftOut: readonly string[];
}

/** A finished backup where it lies. */
export interface Backup {
  /** Absolute. */
  readonly path: string;
  readonly createdAt: number;
  readonly engine: BackupEngine;
  readonly rows: number;
  /** Of all files. */
  readonly bytes: number;
}

export const backupBytes = ({ files }: Pick<BackupManifest, 'files'>): number =>
  Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);

export const backupRows = (tables: BackupManifest['tables']): number => Object.values(tables).reduce((sum, { rows }) => sum + rows, 0);

/** A name that sorts by time, and that no other backup has: `kept-2026-11-30T19-56-06-1a2b`. */
export const backupName = (at: number, unique: string): string =>
  `kept-${new Date(at).toISOString().slice(0, 19).replaceAll(':', '-')}-${unique.replaceAll(/[^a-z0-9]/gi, '').slice(0, 4)}`;

/** Clocks differ by so much. What was made later was made by a clock that ran ahead: nobody knows how old it is. */
const MAX_AHEAD_MS = 5 * 60_000;

export const isFromFuture = (at: number, now: number): boolean => at - now > MAX_AHEAD_MS;

/** Those beyond the `keep` newest, oldest first. */
export const superfluous = <T extends Pick<Backup, 'createdAt'>>(backups: readonly T[], keep: number): readonly T[] =>
  backups.toSorted((a, b) => a.createdAt - b.createdAt).slice(0, Math.max(0, backups.length - keep));
