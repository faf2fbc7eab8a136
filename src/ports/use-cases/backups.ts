import type { Backup, BackupManifest } from '../../domain/backup/backup.ts';

/** A backup that was read whole. */
export interface VerifiedBackup {
  readonly path: string;
  readonly manifest: BackupManifest;
  /** Nothing where it holds what it held when it was made. In words. */
  readonly faults: readonly string[];
}

export interface RestoredBackup {
  /** The database, in words. */
  readonly place: string;
  readonly rows: number;
  /** Whether accounts are signed in as they were. */
  readonly hasSessions: boolean;
  /** Where the files of the configuration were put, absolute; absent where there are none. */
  readonly files?: string;
}

/** Makes, checks and restores backups. Rejects with PortError. */
export interface Backups {
  /** Makes one while others write. `place`: a directory, made where it is missing. */
  create(place: string, signal?: AbortSignal): Promise<Backup & Pick<BackupManifest, 'leftOut'>>;
  list(place: string): Promise<readonly Backup[]>;
  verify(path: string): Promise<VerifiedBackup>;
  /** Verifies it first. Refuses a database that holds anything, and a backup with a fault. */
  restore(path: string): Promise<RestoredBackup>;
  /** Removes those beyond the `keep` newest, and resolves to them. Never touches what is no backup of Kept's. */
  prune(place: string, keep: number): Promise<readonly Backup[]>;
}
