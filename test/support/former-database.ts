import Database from 'better-sqlite3-13';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { makeBoss } from '../../src/adapters/postgres/jobs/boss.ts';
import { MIGRATIONS as POSTGRES_MIGRATIONS } from '../../src/adapters/postgres/migrations/index.ts';
import { MIGRATIONS as SQLITE_MIGRATIONS } from '../../src/adapters/sqlite/migrations/index.ts';
import { administer, makeDatabase, type PostgresServer } from './postgres-server.ts';

type Run = (sql: string, parameters?: unknown[]) => unknown;
interface Statement {
  readonly reader: boolean;
  all(parameters: unknown[]): unknown;
  run(parameters: unknown[]): unknown;
}
type Migrations = readonly (new () => MigrationInterface)[];

/** Brings an empty database as far as that migration, as the version did that had it as its last. */
const migrateTo = async (last: string, migrations: Migrations, run: Run): Promise<void> => {
  const end = migrations.findIndex(({ name }) => name === last);
  if (end < 0) throw new Error(`no such migration: ${last}`);
  const runner = { query: async (sql: string, parameters?: unknown[]) => run(sql, parameters) } as unknown as QueryRunner;
  for (const Migration of migrations.slice(0, end + 1)) {
    await new Migration().up(runner);
    await run(`INSERT INTO schema_migrations (timestamp, name) VALUES (${Number(Migration.name.slice(-13))}, '${Migration.name}')`);
  }
};

/** Makes the file at `path` as a version before has left it: with its tables, and these rows. */
export const formerSqlite = async (path: string, last: string, rows: readonly string[]): Promise<void> => {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  const run: Run = (sql, parameters) => {
    if (!parameters && !/^\s*SELECT/i.test(sql)) return database.exec(sql);
    const statement = database.prepare(sql) as unknown as Statement;
    return statement.reader ? statement.all(parameters ?? []) : statement.run(parameters ?? []);
  };
  run('BEGIN');
  run('CREATE TABLE schema_migrations (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, timestamp bigint NOT NULL, name varchar NOT NULL)');
  await migrateTo(last, SQLITE_MIGRATIONS, run);
  for (const sql of rows) run(sql);
  run('COMMIT');
  database.close();
};

/** Makes a database as a version before has left it: with its tables, and these rows. `drop` removes it. */
export const formerPostgres = async (
  server: PostgresServer,
  last: string,
  rows: readonly string[],
): Promise<{ readonly url: string; drop(): Promise<void> }> => {
  const database = await makeDatabase(server);
  await administer(database.url, async (client) => {
    const run: Run = async (sql, parameters) => (await client.query(sql, parameters)).rows;
    await run('BEGIN');
    await run('CREATE TABLE schema_migrations (id SERIAL PRIMARY KEY, timestamp bigint NOT NULL, name character varying NOT NULL)');
    await migrateTo(last, POSTGRES_MIGRATIONS, run);
    for (const sql of rows) await run(sql);
    await run('COMMIT');
  });
  return database;
};

/** The jobs of pending promises, each counted against its tenant. */
const JOBS = `INSERT INTO pgboss.job (id, name, data, priority, start_after, policy, group_id)
  SELECT (lpad(to_hex(priority), 2, '0') || lpad(to_hex(id), 30, '0'))::uuid, 'kept-' || task_type, json_build_object('promise', id),
    11 - priority, to_timestamp(due_at / 1000.0), 'standard', tenant FROM promises WHERE status = 'pending'`;
const STRAY_JOB = `INSERT INTO pgboss.job (name, data, policy, group_id)
  VALUES ('kept-analysis', '{"promise": "somebody else’s"}', 'standard', '501')`;

/** Gives the former promises their jobs in pg-boss, and adds one of somebody else's. */
export const addFormerJobs = async (url: string): Promise<void> => {
  const boss = makeBoss({ url });
  await boss.start();
  await boss.close();
  await administer(url, async (client) => {
    await client.query(JOBS);
    await client.query(STRAY_JOB);
  });
};
