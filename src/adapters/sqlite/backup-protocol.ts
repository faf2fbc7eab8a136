import type { BackupTable } from '../../domain/backup/backup.ts';
import type { SealedValue } from '../../ports/backups.ts';
import type { PortErrorCode } from '../../ports/port-error.ts';
import type { DoneMigration } from '../sql/migrations.ts';

/** The key under which a gateway keeps the session of its account. */
export const SESSION = 'session';

/** What a thread is asked to do: each of these keeps SQLite busy for as long as the database is large. */
export type BackupTask =
  | { readonly kind: 'take'; readonly path: string; readonly copy: string }
  | { readonly kind: 'look'; readonly copy: string }
  | { readonly kind: 'put-back'; readonly copy: string; readonly sessions: readonly SealedValue[] };

export interface BackupAnswer {
  readonly failure?: { readonly code: PortErrorCode; readonly message: string; readonly retryable: boolean; readonly help?: string };
  /** What SQLite, or the mark, finds wrong. */
  readonly fault?: string | undefined;
  readonly tables?: Readonly<Record<string, BackupTable>>;
  readonly migrations?: readonly DoneMigration[];
  readonly sessions?: readonly SealedValue[];
}
