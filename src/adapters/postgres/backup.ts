import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { QueryRunner } from 'typeorm';
import { z } from 'zod';
import type { BackupManifest, BackupTable } from '../../domain/backup/backup.ts';
import type { DatabaseBackups, SealedValue } from '../../ports/backups.ts';
import { PortError } from '../../ports/index.ts';
import { MIGRATIONS_TABLE, runMigrations } from '../sql/migrations.ts';
import { type Connection, connect } from './connection.ts';
import { toPortError } from './errors.ts';
import { ID_COLUMN } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Reach } from './reach.ts';

/** A table is a file of its own: a row of JSON in each line, in the order of the primary key. */
const fileOf = (table: string): string => join('tables', `${table}.jsonl.gz`);
/** How far numbers were handed out. */
const SEQUENCES = join('tables', 'sequences.json');
const BATCH = 500;
/** What gateways keep; a session is taken out. */
const VALUES = 'key_values';
const IS_SESSION = "key = 'session'";

/**
 * `reach` is absent where backups are only checked. The jobs of pg-boss are left out: the next start makes them anew.
 */
export const makePostgresBackups = (reach: Reach | undefined): DatabaseBackups => ({
  engine: 'postgres',
  take: (directory, signal) =>
    inDatabase(reach, async ({ place }, runner) => {
      await runner.startTransaction('REPEATABLE READ');
      await runner.query('SET TRANSACTION READ ONLY');
      const tables = await tablesOf(runner);
      if (!tables.some(({ name }) => name === MIGRATIONS_TABLE))
        throw new PortError('not-found', `there is no data in ${place} yet: start Kept first, or check DATABASE_URL`, { retryable: false });
      await mkdir(join(directory, 'tables'), { mode: 0o700 });
      const taken: Record<string, BackupTable> = {};
      for (const table of tables) {
        const read = measured(linesOf(runner, table, signal));
        await pipeline(Readable.from(read.lines), createGzip(), createWriteStream(join(directory, fileOf(table.name)), { mode: 0o600 }));
        taken[table.name] = read.measure();
      }
      const sequences = await runner.query(
        'SELECT sequencename AS name, last_value::text AS value FROM pg_sequences WHERE schemaname = current_schema() AND last_value IS NOT NULL',
      );
      await writeFile(join(directory, SEQUENCES), JSON.stringify(sequences), { mode: 0o600 });
      const migrations: { readonly name: string }[] = await runner.query(`SELECT name FROM ${MIGRATIONS_TABLE} ORDER BY timestamp`);
      const sessions: SealedValue[] = await runner.query(`SELECT owner, key, value FROM ${VALUES} WHERE ${IS_SESSION}`);
      return { migrations: migrations.map(({ name }) => name), tables: taken, sessions };
    }),
  check: async (directory, { tables }) => {
    const faults: string[] = [];
    for (const [name, wanted] of Object.entries(tables)) {
      if (!existsSync(join(directory, fileOf(name)))) faults.push(`${fileOf(name)} is missing`);
      else faults.push(...differences(name, await measureFile(join(directory, fileOf(name))), wanted));
    }
    return faults;
  },
  requireEmpty: () => inDatabase(reach, requireEmpty),
  restore: (directory, manifest, sessions) =>
    inDatabase(reach, async (connection, runner) => {
      requireSame(manifest);
      await runner.startTransaction();
      await requireEmpty(connection, runner);
      await runMigrations({
        pending: MIGRATIONS,
        runner,
        parameter: (number) => `$${number}`,
        idColumn: ID_COLUMN,
        version: manifest.version,
        place: connection.place,
        toPortError,
      });
      const tables = await tablesOf(runner);
      const filled = tables.filter(({ name }) => name !== MIGRATIONS_TABLE);
      // What migrations have put there is in the backup, as it was then.
      await runner.query(`TRUNCATE ${filled.map(({ name }) => quoted(name)).join(', ')}`);
      for (const table of filled) {
        if (!Object.hasOwn(manifest.tables, table.name)) continue;
        await fill(runner, table, join(directory, fileOf(table.name)));
        const put = measured(linesOf(runner, table));
        for await (const _ of put.lines);
        const [wrong] = differences(table.name, put.measure(), manifest.tables[table.name] ?? { rows: 0 });
        if (wrong !== undefined)
          throw new PortError('storage-corrupt', `${connection.place} did not take the backup: ${wrong}`, { retryable: true });
      }
      for (const { owner, key, value } of sessions)
        await runner.query(`INSERT INTO ${VALUES} (owner, key, value) VALUES ($1, $2, $3)`, [owner, key, value]);
      for (const { name, value } of sequencesSchema.parse(JSON.parse(await readFile(join(directory, SEQUENCES), 'utf8'))))
        await runner.query('SELECT setval($1::regclass, $2::bigint)', [quoted(name), value]);
      await runner.commitTransaction();
      return connection.place;
    }),
});

const sequencesSchema = z.array(z.object({ name: z.string(), value: z.string() }));

interface Table {
  readonly name: string;
  readonly columns: string;
  readonly order: string;
}

/** On one connection; a transaction that was begun is rolled back, unless it was committed. Rejects with PortError. */
const inDatabase = async <T>(reach: Reach | undefined, work: (connection: Connection, runner: QueryRunner) => Promise<T>): Promise<T> => {
  if (!reach)
    throw new PortError('invalid-request', 'this backup is of PostgreSQL: name an empty database in DATABASE_URL', { retryable: false });
  const connection = await connect(reach, 1);
  const runner = connection.dataSource.createQueryRunner();
  try {
    // Tables are read from end to end.
    await runner.query('SET enable_seqscan = on');
    await runner.query('SET enable_sort = on');
    return await work(connection, runner);
  } catch (error) {
    throw toPortError(error, connection.place);
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    await runner.release();
    await connection.dataSource.destroy();
  }
};

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Those that others refer to come first. Columns that the database computes are left out. */
const tablesOf = async (runner: QueryRunner): Promise<readonly Table[]> => {
  const tables: Table[] = await runner.query(`
    SELECT c.relname AS name,
      string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns,
      coalesce(
        (SELECT string_agg(quote_ident(k.attname), ', ' ORDER BY array_position(i.indkey, k.attnum))
          FROM pg_index i JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey)
          WHERE i.indrelid = c.oid AND i.indisprimary),
        string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)) AS order
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace GROUP BY c.oid, c.relname ORDER BY c.relname`);
  const references: { readonly from: string; readonly to: string }[] = await runner.query(`
    SELECT f.relname AS from, t.relname AS to FROM pg_constraint r
    JOIN pg_class f ON f.oid = r.conrelid JOIN pg_class t ON t.oid = r.confrelid
    WHERE r.contype = 'f' AND f.relnamespace = current_schema()::regnamespace`);
  const depth = (name: string, seen: readonly string[] = []): number =>
    seen.includes(name)
      ? 0
      : Math.max(0, ...references.filter(({ from }) => from === name).map(({ to }) => 1 + depth(to, [...seen, name])));
  return tables.toSorted((a, b) => depth(a.name) - depth(b.name));
};

/** The rows, a line each; a session is none of them. */
async function* linesOf(runner: QueryRunner, { name, columns, order }: Table, signal?: AbortSignal): AsyncGenerator<string> {
  const wanted = name === VALUES ? `WHERE NOT (${IS_SESSION})` : '';
  await runner.query(
    `DECLARE kept_rows NO SCROLL CURSOR FOR
      SELECT row_to_json(part)::text AS line FROM (SELECT ${columns} FROM ${quoted(name)} ${wanted} ORDER BY ${order}) AS part`,
  );
  for (;;) {
    if (signal?.aborted) throw new PortError('aborted', 'the backup was stopped', { retryable: true, cause: signal.reason });
    const rows: { readonly line: string }[] = await runner.query(`FETCH ${BATCH} FROM kept_rows`);
    if (rows.length === 0) break;
    yield rows.map(({ line }) => `${line}\n`).join('');
  }
  await runner.query('CLOSE kept_rows');
}

/** Counts and hashes what is read. */
const measured = (
  lines: AsyncIterable<string | Buffer>,
): { readonly lines: AsyncIterable<string | Buffer>; readonly measure: () => Required<BackupTable> } => {
  const hash = createHash('sha256');
  let rows = 0;
  return {
    lines: (async function* () {
      for await (const part of lines) {
        const bytes = Buffer.from(part);
        for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) rows++;
        hash.update(bytes);
        yield bytes;
      }
    })(),
    measure: () => ({ rows, sha256: hash.digest('hex') }),
  };
};

const measureFile = async (path: string): Promise<Required<BackupTable>> => {
  const unpacked = createReadStream(path).pipe(createGunzip());
  const read = measured(unpacked);
  for await (const _ of read.lines);
  return read.measure();
};

const differences = (name: string, found: Required<BackupTable>, wanted: BackupTable): readonly string[] => {
  if (found.rows !== wanted.rows) return [`${name} holds ${found.rows} rows instead of ${wanted.rows}`];
  return found.sha256 === wanted.sha256 ? [] : [`${name} holds other rows than it held`];
};

/** The rows of a file. Only a line feed ends one: other characters that end lines stand within texts. */
async function* rowsIn(path: string): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const part of createReadStream(path).pipe(createGunzip()) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([rest, part]);
    let from = 0;
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
      yield bytes.toString('utf8', from, at);
      from = at + 1;
    }
    rest = bytes.subarray(from);
  }
}

const fill = async (runner: QueryRunner, { name, columns }: Table, path: string): Promise<void> => {
  const put = async (lines: readonly string[]): Promise<void> => {
    if (lines.length === 0) return;
    await runner.query(
      `INSERT INTO ${quoted(name)} (${columns}) OVERRIDING SYSTEM VALUE
        SELECT ${columns} FROM json_populate_recordset(null::${quoted(name)}, $1::json)`,
      [`[${lines.join(',')}]`],
    );
  };
  let batch: string[] = [];
  for await (const line of rowsIn(path)) {
    batch.push(line);
    if (batch.length < BATCH) continue;
    await put(batch);
    batch = [];
  }
  await put(batch);
};

const requireEmpty = async ({ place }: Connection, runner: QueryRunner): Promise<void> => {
  const [found]: { readonly name: string }[] = await runner.query(
    "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') LIMIT 1",
  );
  if (found)
    throw new PortError(
      'invalid-request',
      `there is data already in ${place} (${found.name}): a backup is restored into an empty database`,
      {
        retryable: false,
      },
    );
};

/** The tables are made as they were: an older version made others. */
const requireSame = ({ migrations, version }: BackupManifest): void => {
  const known = MIGRATIONS.map(({ name }) => name);
  const differ = migrations.length !== known.length || migrations.some((name) => !known.includes(name));
  if (differ)
    throw new PortError(
      'invalid-request',
      `the backup was made by Kept ${version}, whose tables are others: restore it with that version, then start this one`,
      { retryable: false },
    );
};
