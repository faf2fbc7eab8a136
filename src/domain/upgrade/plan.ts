import type { ListedProcess } from '../process/register.ts';

/**
 * `expand`: code that does not know the migration goes on with its tables. `contract`: it takes something away, or
 * means something anew; only code that knows the expansion before it goes on.
 */
export type MigrationPhase = 'expand' | 'contract';

/** A migration that the next start runs. */
export interface PendingMigration {
  readonly name: string;
  readonly phase: MigrationPhase;
  /** What it changes. */
  readonly words: string;
  /** Of a contraction: the version of Kept from which on others can work with it. Absent: none but this one can. */
  readonly usableFrom?: string;
}

/** Why an upgrade should wait: what an operator can mend before it. */
export type UpgradeObstacle = 'processes-left-behind' | 'no-fresh-backup';

export interface UpgradePlan {
  readonly migrations: readonly PendingMigration[];
  /** Processes that live, and can't work with what the migrations leave. */
  readonly leftBehind: readonly ListedProcess[];
  /** Whether the version that runs until then can be started again afterwards, without a backup. */
  readonly hasWayBack: boolean;
  /** Empty where nothing is to change. */
  readonly obstacles: readonly UpgradeObstacle[];
}

/** A backup before an upgrade is no older than this. */
export const FRESH_BACKUP_MS = 24 * 60 * 60_000;

/** It makes the table of phases. Versions before it refuse a database with any migration that they do not know. */
const FIRST_OF_PHASES = 'Phases1764806500000';

/**
 * What the next start of this version changes. `backupAt`: when the newest backup was made. `hasUnseenBackups`: others
 * make them, where nobody looks from here.
 */
export const upgradePlan = ({
  migrations,
  processes,
  isNew,
  backupAt,
  hasUnseenBackups = false,
  now,
}: {
  readonly migrations: readonly PendingMigration[];
  readonly processes: readonly ListedProcess[];
  /** Whether nothing was ever stored: nothing can be lost then. */
  readonly isNew: boolean;
  readonly backupAt?: number;
  readonly hasUnseenBackups?: boolean;
  readonly now: number;
}): UpgradePlan => {
  const contractions = isNew ? [] : migrations.filter(({ phase }) => phase === 'contract');
  const canGoOn = ({ version }: ListedProcess): boolean =>
    contractions.every(({ usableFrom }) => usableFrom !== undefined && isAtLeast(version, usableFrom));
  const leftBehind = processes.filter((each) => each.vitality === 'alive' && !canGoOn(each));
  const isFresh = backupAt !== undefined && Math.abs(now - backupAt) <= FRESH_BACKUP_MS;
  const obstacles: UpgradeObstacle[] = [];
  if (leftBehind.length > 0) obstacles.push('processes-left-behind');
  if (migrations.length > 0 && !isNew && !isFresh && !hasUnseenBackups) obstacles.push('no-fresh-backup');
  const isReadBefore = isNew || !migrations.some(({ name }) => name === FIRST_OF_PHASES);
  const hasWayBack = isReadBefore && contractions.every(({ usableFrom }) => usableFrom !== undefined);
  return { migrations, leftBehind, hasWayBack, obstacles };
};

/** Whether a version such as `1.2.3` is that one or a later one. What can't be read is none. */
const isAtLeast = (version: string, other: string): boolean => {
  const [a, b] = [numbersOf(version), numbersOf(other)];
  if (!a || !b) return false;
  const differs = a.findIndex((number, i) => number !== b[i]);
  return differs < 0 || (a[differs] ?? 0) > (b[differs] ?? 0);
};

/** A version that comes before a release, such as `1.2.3-beta.1`, can't be compared by its numbers. */
const numbersOf = (version: string): readonly number[] | undefined => {
  const found = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(version);
  return found ? found.slice(1).map(Number) : undefined;
};
