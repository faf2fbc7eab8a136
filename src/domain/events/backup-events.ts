/** Backups that are made by schedule. */
export type BackupEvent =
  | {
      readonly type: 'backup-made';
      readonly path: string;
      readonly rows: number;
      readonly bytes: number;
      readonly durationMs: number;
    }
  | { readonly type: 'backup-not-made'; readonly reason: string; readonly waitMs: number }
  /** Older ones beyond those that are kept. */
  | { readonly type: 'backups-pruned'; readonly paths: readonly string[] }
  | { readonly type: 'backups-not-pruned'; readonly reason: string };
