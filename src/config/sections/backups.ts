import { present } from '../../domain/shared/present.ts';
import { refuse } from '../refusal.ts';
import type { Values } from '../section.ts';
import { kind, secretKind, wholeNumber } from '../variable-kinds.ts';

const HOUR_MS = 60 * 60_000;
const SPAN = /^(\d{1,5})\s*(h|d)$/i;
const MAX_HOURS = 90 * 24;
/** Below that, a passphrase is found by trying. */
const MIN_PASSPHRASE = 12;

export const backupVariables = {
  KEPT_BACKUP_EVERY: kind<number | 'off' | 'elsewhere'>((text) => {
    const word = text.toLowerCase();
    if (word === 'off' || word === 'elsewhere') return word;
    const [, count, unit] = SPAN.exec(text) ?? [];
    const hours = Number(count) * (unit?.toLowerCase() === 'd' ? 24 : 1);
    return hours >= 1 && hours <= MAX_HOURS
      ? hours * HOUR_MS
      : refuse('is no span of time between backups', 'give hours or days, such as 24h or 7d, up to 90d; or off, or elsewhere');
  }, '`1h` to `90d`, `off` or `elsewhere`'),
  KEPT_BACKUP_KEEP: wholeNumber(1, 1_000),
  KEPT_BACKUP_PASSPHRASE: secretKind((text) =>
    text.length >= MIN_PASSPHRASE
      ? text
      : refuse('is too short', `give at least ${MIN_PASSPHRASE} characters, and keep them elsewhere, too`),
  ),
};

export interface BackupSettings {
  /** The newest backup gets no older than this, in ms. Absent: none are made by themselves. */
  readonly everyMs?: number;
  /** Somebody else makes them, and keeps them where this process does not see them. */
  readonly areElsewhere?: true;
  /** How many of the newest are kept. */
  readonly keep: number;
  /** Encrypts the sessions of accounts. Absent: they are left out. */
  readonly passphrase?: string;
}

const DEFAULT_EVERY_MS = 24 * HOUR_MS;
const DEFAULT_KEEP = 7;

export const readBackups = (env: Values<typeof backupVariables>): BackupSettings => {
  const { KEPT_BACKUP_EVERY: every = DEFAULT_EVERY_MS, KEPT_BACKUP_KEEP: keep = DEFAULT_KEEP, KEPT_BACKUP_PASSPHRASE: passphrase } = env;
  return {
    keep,
    ...present({
      everyMs: typeof every === 'number' ? every : undefined,
      areElsewhere: every === 'elsewhere' ? (true as const) : undefined,
      passphrase,
    }),
  };
};
