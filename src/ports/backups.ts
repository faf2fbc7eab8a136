import type { Backup, BackupEngine, BackupManifest, BackupTable } from '../domain/backup/backup.ts';

/** A value that only who holds the passphrase may have: a session of an account is all that it takes to be it. */
export interface SealedValue {
  readonly owner: string;
  readonly key: string;
  readonly value: string;
}

/** What a database has put into a backup. */
export interface TakenDatabase {
  readonly migrations: readonly string[];
  readonly tables: Readonly<Record<string, BackupTable>>;
  /** Sessions, which are not in what was written. */
  readonly sessions: readonly SealedValue[];
}

/** What a database gives to backups of one engine, and takes from them. */
export interface DatabaseBackups {
  readonly engine: BackupEngine;
  /**
   * Writes everything that was committed before the call, and nothing half, into the directory, while others go on
   * writing. MUST leave sessions out. Rejects with PortError: `not-found` where there is no database, `aborted`,
   * `storage-full`, `storage-corrupt`.
   */
  take(directory: string, signal: AbortSignal): Promise<TakenDatabase>;
  /** What is wrong with what stands in the directory, in words; nothing where it holds what the manifest says. */
  check(directory: string, manifest: BackupManifest): Promise<readonly string[]>;
  /** Rejects with PortError `invalid-request` where the database that would be restored is there already. */
  requireEmpty(): Promise<void>;
  /**
   * Makes the database of what stands in the directory, all or nothing; `sessions` are put back. Resolves to its place,
   * in words. MUST NOT change a database that holds anything: rejects with PortError `invalid-request`.
   */
  restore(directory: string, manifest: BackupManifest, sessions: readonly SealedValue[]): Promise<string>;
}

/** A backup that is being made. Nobody takes it for one yet. */
export interface BackupDraft {
  /** For this user alone. */
  readonly directory: string;
  /** Adds a file by its path within the backup. */
  add(path: string, content: string): Promise<void>;
  /** Hashes everything in the directory, and makes a backup of it: on the disk, whole, under its own name. */
  finish(manifest: Omit<BackupManifest, 'files' | 'rows'>): Promise<Backup>;
  /** Removes it. */
  discard(): Promise<void>;
}

/** A backup as it was found. */
export interface OpenedBackup {
  readonly path: string;
  readonly manifest: BackupManifest;
  /** Reads everything: files that are missing, damaged or not in the manifest, in words. */
  faults(): Promise<readonly string[]>;
  /** A file of it; undefined where it has none of that path. */
  read(path: string): Promise<string | undefined>;
}

/** Where backups lie. */
export interface BackupShelf {
  /** Begins a backup. Also removes what was begun a day ago, or by a process that is gone, and never finished. */
  begin(name: string, place: string): Promise<BackupDraft>;
  /** The finished backups of Kept in that place, newest first; nothing where it does not exist. At most 1,000. */
  list(place: string): Promise<readonly Backup[]>;
  /**
   * Rejects with PortError: `not-found`, `malformed-reply` (no backup of Kept's), `invalid-request` (of a newer one).
   */
  open(path: string): Promise<OpenedBackup>;
  remove(backup: Backup): Promise<void>;
}

/** Encrypts with a passphrase. */
export interface Sealer {
  seal(text: string, passphrase: string): Promise<string>;
  /** Undefined where the passphrase is another one, or the text was changed. */
  open(sealed: string, passphrase: string): Promise<string | undefined>;
}

/** What belongs to an installation beside its database. Secrets are left out. */
export interface Belongings {
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** What is not among them, in words. */
  readonly leftOut: readonly string[];
}
