import type { MigrationInterface, QueryRunner } from 'typeorm';
import { listedAt, type MigrationPhase, type PendingMigration, type RegisteredProcess, upgradePlan } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { PortError } from '../../ports/index.ts';

/** The class of a migration. Its name is what the database keeps: it never changes. */
export interface Migration {
  readonly name: string;
  readonly phase: MigrationPhase;
  /** What it changes, for an operator, in half a sentence: `approvals get a column for their cost`. */
  readonly words: string;
  /** Of a contraction: the expansion that it completes. Code that knows it can use what is left. */
  readonly needs?: string;
  new (): MigrationInterface;
}

export const MIGRATIONS_TABLE = 'schema_migrations';

/**
 * What each migration means for code that does not know it. An older version reads this table in a database that a
 * newer one has written: it keeps its columns for ever.
 */
export const PHASES_TABLE = 'schema_phases';

/** What the database keeps of a migration that was run; the phase of one from before there were phases is not known. */
export interface DoneMigration {
  readonly name: string;
  readonly phase?: string | null;
  readonly needs?: string | null;
  /** The version of Kept that ran it. */
  readonly version?: string | null;
}

export const SELECT_DONE = `SELECT name, phase, needs, version FROM ${MIGRATIONS_TABLE} LEFT JOIN ${PHASES_TABLE} USING (name)`;
/** The same where the database has no table of phases yet. */
export const SELECT_NAMES = `SELECT name FROM ${MIGRATIONS_TABLE}`;

/**
 * The known migrations that are still to run, oldest first. Throws PortError `invalid-request` where the database has
 * one that this code does not know and can't work with: a contraction, or one that says nothing of itself. What a newer
 * version has added by expansions is not in the way.
 */
export const pendingAmong = (known: readonly Migration[], done: readonly DoneMigration[], place: string): readonly Migration[] => {
  const names = new Set(known.map(({ name }) => name));
  const isUsable = ({ name, phase, needs }: DoneMigration): boolean =>
    names.has(name) || phase === 'expand' || (phase === 'contract' && typeof needs === 'string' && names.has(needs));
  const foreign = done.filter((each) => !isUsable(each));
  const last = foreign.at(-1);
  if (last)
    throw new PortError(
      'invalid-request',
      `${place} was written by a newer version of Kept (its tables have ${foreign.map(({ name }) => name).join(', ')}), and this version can't use it; install ${last.version ? `Kept ${last.version} or newer` : 'that version'}, or restore a backup from before it`,
      { retryable: false },
    );
  const ran = new Set(done.map(({ name }) => name));
  return known.filter(({ name }) => !ran.has(name));
};

/** As an operator reads them. */
export const described = (pending: readonly Migration[], done: readonly DoneMigration[]): readonly PendingMigration[] =>
  pending.map(({ name, phase, words, needs }) => {
    const usableFrom = needs === undefined ? undefined : done.find((each) => each.name === needs)?.version;
    return { name, phase, words, ...present({ usableFrom: usableFrom ?? undefined }) };
  });

/**
 * Throws PortError `invalid-request` where processes live that can't work with what these migrations leave: they would
 * fail in the midst of their work.
 */
export const requireNobodyLeftBehind = (
  pending: readonly Migration[],
  done: readonly DoneMigration[],
  { processes, at }: { readonly processes: readonly RegisteredProcess[]; readonly at: number },
  place: string,
): void => {
  const isNew = done.length === 0;
  const plan = upgradePlan({ migrations: described(pending, done), processes: listedAt(processes, at), isNew, now: at });
  if (plan.leftBehind.length === 0) return;
  const shown = plan.leftBehind.slice(0, MAX_NAMED).map(({ role, host, pid, version }) => `${role} ${version} on ${host} (PID ${pid})`);
  const more = plan.leftBehind.length - shown.length;
  throw new PortError(
    'invalid-request',
    `${place} is in use by processes that can't work with the tables of this version: ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')}; stop them first, or wait a minute if they were killed`,
    { retryable: false },
  );
};

const MAX_NAMED = 5;

export interface MigrationRun {
  readonly pending: readonly Migration[];
  /** In a transaction, which the caller ends: nothing of this is seen before, or where one fails. */
  readonly runner: QueryRunner;
  /** One parameter of a statement, by its number from 1. */
  readonly parameter: (number: number) => string;
  /** The definition of the column `id` of the table of migrations. */
  readonly idColumn: string;
  /** The version of Kept that runs them. */
  readonly version: string | undefined;
  readonly place: string;
  readonly toPortError: (error: unknown, place: string) => PortError;
}

/**
 * Runs them, oldest first, and keeps what each means for older code. Rejects with PortError that names the one that
 * fails.
 */
export const runMigrations = async ({ pending, runner, parameter, idColumn, version, place, toPortError }: MigrationRun): Promise<void> => {
  const at = [1, 2, 3, 4].map(parameter);
  await runner.query(
    `CREATE TABLE IF NOT EXISTS ${MIGRATIONS_TABLE} (${idColumn}, timestamp bigint NOT NULL, name character varying NOT NULL)`,
  );
  for (const Migration of pending) {
    const { name } = Migration;
    try {
      await new Migration().up(runner);
      const values = [timeStampOf(name), name];
      await runner.query(`INSERT INTO ${MIGRATIONS_TABLE} (timestamp, name) VALUES (${at[0]}, ${at[1]})`, values);
    } catch (error) {
      const { code, message, retryable, cause } = toPortError(error, place);
      throw new PortError(code, `${message} (in the migration ${name}; the tables are as they were)`, { retryable, cause });
    }
  }
  // Last, as one of them makes the table. One that is run once more stands there already.
  const keep = `INSERT INTO ${PHASES_TABLE} (name, phase, needs, version) VALUES (${at.join(', ')})
    ON CONFLICT (name) DO UPDATE SET phase = excluded.phase, needs = excluded.needs, version = excluded.version`;
  for (const { name, phase, needs } of pending) await runner.query(keep, [name, phase, needs ?? null, version ?? null]);
};

/** The last 13 digits of its name. */
const timeStampOf = (name: string): number => Number(name.slice(-13));
