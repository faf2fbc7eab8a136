import { chmodSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3-13';
import type { BackupTable } from '../../domain/backup/backup.ts';
import { present } from '../../domain/shared/present.ts';
import type { SealedValue } from '../../ports/backups.ts';
import { type DoneMigration, MIGRATIONS_TABLE, PHASES_TABLE, SELECT_DONE, SELECT_NAMES } from '../sql/migrations.ts';
import { type BackupAnswer, type BackupTask, SESSION } from './backup-protocol.ts';
import { READER_WAIT_MS } from './connection.ts';
import { toPortError } from './errors.ts';
import { lossOf, readMark, stateOf } from './mark.ts';

type Handle = Database;

/** What holds the values of gateways: today's name, and the one of before. */
const VALUE_TABLES = ['key_values', 'gateway_state'];

const run = async (task: BackupTask): Promise<BackupAnswer> => {
  switch (task.kind) {
    case 'take':
      return take(task.path, task.copy);
    case 'look':
      return using(new Database(task.copy, { readonly: true, fileMustExist: true }), (copy) => ({ fault: faultIn(copy), ...seenIn(copy) }));
    case 'put-back':
      return using(new Database(task.copy, { fileMustExist: true }), (copy) => {
        const put = copy.prepare('INSERT INTO key_values (owner, key, value) VALUES (?, ?, ?)');
        for (const { owner, key, value } of task.sessions) put.run(owner, key, value);
        return {};
      });
  }
};

/** `VACUUM INTO` reads one snapshot, and blocks no writer: https://sqlite.org/lang_vacuum.html */
const take = async (path: string, copyPath: string): Promise<BackupAnswer> => {
  // The mark is read first: others go on writing.
  const mark = readMark(path);
  await using(new Database(path, { readonly: true, fileMustExist: true, timeout: READER_WAIT_MS }), (source) =>
    source.prepare('VACUUM INTO ?').run(copyPath),
  );
  chmodSync(copyPath, 0o600);
  return using(new Database(copyPath, { fileMustExist: true }), async (copy) => {
    const query = async <Row>(sql: string) => copy.prepare(sql).all() as readonly Row[];
    const loss = lossOf(path, mark, await stateOf(query));
    if (loss !== undefined) return { fault: loss };
    const sessions = withoutSessions(copy);
    return { fault: faultIn(copy), sessions, ...seenIn(copy) };
  });
};

/** Takes the sessions out of the copy; their bytes are overwritten, too. */
const withoutSessions = (copy: Handle): readonly SealedValue[] => {
  copy.pragma('secure_delete = ON');
  return namesOf(copy)
    .filter((name) => VALUE_TABLES.includes(name))
    .flatMap((name) => {
      const owner = name === 'key_values' ? 'owner' : 'gateway';
      const found = copy.prepare(`SELECT ${owner} AS owner, key, value FROM ${name} WHERE key = ?`).all(SESSION) as SealedValue[];
      copy.prepare(`DELETE FROM ${name} WHERE key = ?`).run(SESSION);
      return name === 'key_values' ? found : [];
    });
};

const faultIn = (copy: Handle): string | undefined => {
  const [found] = copy.pragma('integrity_check(1)') as { integrity_check: string }[];
  return found?.integrity_check === 'ok' ? undefined : (found?.integrity_check ?? 'SQLite says nothing of it');
};

const seenIn = (copy: Handle) => {
  const tables: Record<string, BackupTable> = {};
  for (const name of namesOf(copy))
    tables[name] = { rows: (copy.prepare(`SELECT count(*) AS rows FROM "${name}"`).get() as { rows: number }).rows };
  const has = (name: string): boolean => Object.hasOwn(tables, name);
  const migrations = has(MIGRATIONS_TABLE)
    ? (copy.prepare(`${has(PHASES_TABLE) ? SELECT_DONE : SELECT_NAMES} ORDER BY timestamp`).all() as DoneMigration[])
    : [];
  return { tables, migrations };
};

/** Those that hold rows of their own: a virtual table shows those of others. */
const namesOf = (copy: Handle): readonly string[] =>
  (
    copy
      .prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .all() as { name: string }[]
  ).map(({ name }) => name);

const using = async <T>(handle: Handle, work: (handle: Handle) => T | Promise<T>): Promise<T> => {
  try {
    return await work(handle);
  } finally {
    handle.close();
  }
};

const { task }: { readonly task: BackupTask } = workerData;
run(task).then(
  (answer) => parentPort?.postMessage(answer),
  (error: unknown) => {
    const { code, message, retryable, help } = toPortError(error, task.kind === 'take' ? task.path : task.copy);
    parentPort?.postMessage({ failure: { code, message, retryable, ...present({ help }) } } satisfies BackupAnswer);
  },
);
