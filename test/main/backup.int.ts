// Long because it tells everything of backups on SQLite, over one backup that is costly to make.
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, readdir, readFile, rm, stat, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3-13';
import { makeBackupShelf } from '../../src/adapters/backup-files/index.ts';
import { openSqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import { backupsOf } from '../../src/main/make-backups.ts';
import { backupsPath, newestBackup } from '../../src/main/newest-backup.ts';
import type { Backups } from '../../src/ports/index.ts';
import { buildPromise, telegramChat } from '../../src/testing/index.ts';
import type { Site } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';
import { configOf } from '../support/site-config.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { makeStoredSite } from '../support/stored-site.ts';

const KEY = 'sk-ant-api03-0123456789abcdefghijklmnopqrstuvwxyz';
const AUTH_KEY = 'c2Vzc2lvbiBvZiBhbiBhY2NvdW50IQ==';
const PASSPHRASE = 'a long passphrase';

describe('Backups on SQLite', function () {
  this.timeout(60_000);
  let site: Site;
  let place: string;
  let made: string;

  before(async () => {
    site = await makeStoredSite(async (stores) => {
      await stores.promises.add([buildPromise({ chatId: telegramChat(501), description: 'look at the logs' })]);
    });
    const storage = await openSqliteStorage({ path: site.database });
    await storage.state('telegram').set(new Map([['session', JSON.stringify({ authKey: AUTH_KEY })]]));
    await storage.state('telegram').set(new Map([['pts', '7']]));
    await storage.close();
    await writeFile(join(site.root, '.env'), `LOG_LEVEL=INFO\nANTHROPIC_API_KEY=${KEY}\nOWN_THING=${KEY}\n`, { mode: 0o600 });
    place = backupsPath(site.dataDir);
    made = (await backups().create(place)).path;
  });
  after(() => site.remove());

  const backups = (env: NodeJS.ProcessEnv = {}, dataDir = site.dataDir): Backups =>
    backupsOf(configOf({ ...site.env, ...env }, site.root), { dataDir, cwd: site.root });
  const fresh = (): string => join(site.root, `elsewhere-${Math.random().toString(36).slice(2)}`);
  const everything = async (path: string): Promise<string> => {
    const files = (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    return (await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')))).join('\n');
  };
  const promises = async (database: string): Promise<readonly string[]> => {
    const storage = await openSqliteStorage({ path: database });
    try {
      return (await storage.sql.read<{ description: string }>('SELECT task_description AS description FROM promises')).map(
        ({ description }) => description,
      );
    } finally {
      await storage.close();
    }
  };

  it('are for their owner alone, and leave no draft behind', async () => {
    const files = await readdir(place, { recursive: true });
    for (const name of files) assert.equal((await stat(join(place, name))).mode & 0o077, 0, name);
    assert.deepEqual(
      files.filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('are restored elsewhere, and Kept opens what it gets', async () => {
    const dataDir = fresh();
    const { place: database, rows, files } = await backups({}, dataDir).restore(made);
    assert.equal(database, join(dataDir, 'system.db'));
    assert.ok(rows > 1);
    assert.deepEqual(await promises(database), ['look at the logs']);
    assert.equal(await readFile(join(files ?? '', '.env'), 'utf8'), 'LOG_LEVEL="INFO"\n');
    assert.deepEqual(
      (await readdir(dataDir)).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('hold no secret: no key, no token, and of sessions not even a trace', async () => {
    const all = await everything(made);
    assert.ok(all.includes('look at the logs') && all.includes('LOG_LEVEL'));
    assert.ok(!all.includes(KEY) && !all.includes(AUTH_KEY));
  });

  it('bring sessions encrypted where there is a passphrase, and put them back with it', async () => {
    const { path, leftOut } = await backups({ KEPT_BACKUP_PASSPHRASE: PASSPHRASE }).create(fresh());
    assert.ok(!leftOut.some((words) => words.includes('session')));
    assert.ok(!(await everything(path)).includes(AUTH_KEY));
    await assert.rejects(backups({ KEPT_BACKUP_PASSPHRASE: 'another passphrase' }, fresh()).restore(path), /does not open the sessions/);
    for (const [env, session] of [
      [{ KEPT_BACKUP_PASSPHRASE: PASSPHRASE }, JSON.stringify({ authKey: AUTH_KEY })],
      [{}, undefined],
    ] as const) {
      const { place: database, hasSessions } = await backups(env, fresh()).restore(path);
      assert.equal(hasSessions, session !== undefined);
      const storage = await openSqliteStorage({ path: database });
      assert.equal(await storage.state('telegram').get('session'), session);
      assert.equal(await storage.state('telegram').get('pts'), '7');
      await storage.close();
    }
  });

  it('are restored where a restore was killed, and what it left goes', async () => {
    const dataDir = fresh();
    for (const [directory, name] of [
      ['.restore-1', 'system.db'],
      ['.restored-files', '.env'],
    ] as const) {
      await mkdir(join(dataDir, directory), { recursive: true });
      await writeFile(join(dataDir, directory, name), 'half');
    }
    await backups({}, dataDir).restore(made);
    assert.deepEqual((await readdir(dataDir)).toSorted(), ['restored-files', 'system.db']);
  });

  it('are never restored over data, not even over what is left of it', async () => {
    for (const name of ['system.db', 'system.db-wal', 'system.db.mark']) {
      const dataDir = fresh();
      await mkdir(dataDir);
      await writeFile(join(dataDir, name), 'something');
      await assert.rejects(backups({}, dataDir).restore(made), /there is data already/);
      assert.deepEqual(await readdir(dataDir), [name]);
    }
  });

  const database = 'system.db';
  const breaks: readonly (readonly [how: string, change: (path: string) => Promise<unknown>, words: RegExp])[] = [
    ['a byte of the database is another one', async (path) => flip(join(path, database)), /system\.db was changed/],
    ['the database is cut', (path) => truncate(join(path, database), 8_192), /system\.db has 8192 bytes/],
    ['the database is gone', (path) => unlink(join(path, database)), /system\.db is missing/],
    ['a file was added', (path) => writeFile(join(path, 'more'), ''), /more does not belong to it/],
    ['a file of the configuration was changed', (path) => appendFile(join(path, 'files/.env'), 'X=1'), /files\/\.env has \d+ bytes/],
    [
      'rows were taken out, and the manifest made to fit the file',
      async (path) => {
        const opened = new Database(join(path, database));
        opened.exec('DELETE FROM promises');
        opened.close();
        await rehash(path);
      },
      /promises holds 0 rows instead of 1/,
    ],
  ];
  for (const [how, change, words] of breaks)
    it(`say so and are not restored where ${how}`, async () => {
      const copy = fresh();
      await cp(made, copy, { recursive: true });
      await change(copy);
      const { faults } = await backups().verify(copy);
      assert.match(faults.join('; '), words);
      const dataDir = fresh();
      await assert.rejects(backups({}, dataDir).restore(copy), words);
      assert.ok(!existsSync(join(dataDir, database)));
    });

  const foreign: readonly (readonly [what: string, change: (path: string) => Promise<unknown>, words: RegExp])[] = [
    ['of a newer version', (path) => edited(path, (manifest) => ({ ...manifest, formatVersion: 2 })), /made by a newer version/],
    [
      'with tables of a newer version',
      async (path) => {
        const opened = new Database(join(path, database));
        opened.exec("UPDATE schema_migrations SET name = 'Later9999999999999' WHERE name LIKE 'Phases%'");
        opened.close();
        await rehash(path);
      },
      /written by a newer version.*Later9999999999999/,
    ],
    [
      'with a path that leads out of it',
      (path) => edited(path, (manifest) => ({ ...manifest, files: { '../../etc/passwd': { bytes: 1, sha256: '0'.repeat(64) } } })),
      /manifest\.json is damaged/,
    ],
    ['with a manifest of another program', (path) => writeFile(join(path, 'manifest.json'), '{"name": "app"}'), /is no backup of Kept/],
    ['without a manifest', (path) => unlink(join(path, 'manifest.json')), /has no manifest\.json/],
  ];
  for (const [what, change, words] of foreign)
    it(`are refused ${what}`, async () => {
      const copy = fresh();
      await cp(made, copy, { recursive: true });
      await change(copy);
      await assert.rejects(backups({}, fresh()).restore(copy), words);
    });

  it('are not made of a database that lacks what it held', async () => {
    const dataDir = fresh();
    await mkdir(dataDir);
    await cp(site.database, join(dataDir, database));
    const mark = JSON.parse(await readFile(`${site.database}.mark`, 'utf8'));
    await writeFile(join(dataDir, 'system.db.mark'), JSON.stringify({ ...mark, entries: mark.entries + 9 }));
    const to = fresh();
    await assert.rejects(backups({}, dataDir).create(to), /no backup was made of it: stored data is missing/);
    assert.deepEqual(await readdir(to), []);
  });

  it('are not made where they would leave no room for what people write', async function () {
    const disk = fresh();
    const small = await mountSmallDisk(disk, 16 * 1024 ** 2);
    if (!small) return this.skip();
    try {
      await assert.rejects(backups().create(disk), /must leave 67 MB/);
      assert.deepEqual(await readdir(disk), []);
    } finally {
      await small.unmount();
    }
  });

  it('that are stopped leave nothing', async () => {
    const to = fresh();
    await assert.rejects(backups().create(to, AbortSignal.abort()), /was stopped/);
    assert.deepEqual(await readdir(to), []);
  });

  it('hold files whose names have a backslash', async () => {
    const to = fresh();
    const shelf = makeBackupShelf();
    const draft = await shelf.begin('kept-2020-01-01T00-00-00-1a2b', to);
    await draft.add('files/od\\d.md', 'odd');
    const { manifest } = await shelf.open(made);
    const { path } = await draft.finish(manifest);
    const opened = await shelf.open(path);
    assert.deepEqual([Object.keys(opened.manifest.files), await opened.faults()], [['files/od\\d.md'], []]);
  });

  it('are pruned but for the newest, and nothing else that lies there', async () => {
    const to = fresh();
    const paths: string[] = [];
    for (let i = 0; i < 3; i++) paths.push((await backups().create(to)).path);
    await writeFile(join(to, 'kept-2020-mine.db'), 'mine');
    await mkdir(join(to, 'kept-2020-holiday'));
    const gone = await backups().prune(to, 1);
    const left = (await backups().list(to)).map(({ path }) => path);
    assert.deepEqual([gone.length, left.length], [2, 1]);
    assert.deepEqual([...gone.map(({ path }) => path), ...left].toSorted(), paths.toSorted());
    assert.ok(existsSync(join(to, 'kept-2020-mine.db')) && existsSync(join(to, 'kept-2020-holiday')));
  });

  it('are not pruned for one from the future, which stays', async () => {
    const to = fresh();
    const ahead = (await backups().create(to)).path;
    await edited(ahead, (about) => ({ ...about, createdAt: Date.now() + 3_600_000 }));
    const { path } = await backups().create(to);
    assert.deepEqual(await backups().prune(to, 1), []);
    assert.deepEqual((await backups().list(to)).map((backup) => backup.path).toSorted(), [ahead, path].toSorted());
  });

  it('sweep what was begun long ago, and not what is being made', async () => {
    const to = fresh();
    for (const name of ['.kept-2020-01-01T00-00-00-old', '.kept-2020-01-01T00-00-00-new', '.other'])
      await mkdir(join(to, name), { recursive: true });
    for (const name of ['.kept-2020-01-01T00-00-00-old', '.other']) await utimes(join(to, name), 1_000_000, 1_000_000);
    await backups().create(to);
    assert.deepEqual((await readdir(to)).filter((name) => name.startsWith('.')).toSorted(), ['.kept-2020-01-01T00-00-00-new', '.other']);
  });

  it('sweep at once what a process of this machine began that is gone', async () => {
    const to = fresh();
    const gone = spawnSync(process.execPath, ['--version']).pid;
    const draft = (by: string): string => `.kept-2020-01-01T00-00-00-1a2b.${by}`;
    const [dead, own] = [gone, process.pid].map((pid) => draft(`${pid}@${hostname()}`)) as [string, string];
    const others = [draft(`${process.ppid}@${hostname()}`), draft(`${gone}@elsewhere`)];
    for (const name of [dead, own, ...others]) await mkdir(join(to, name), { recursive: true });
    await backups().create(to);
    const left = (await readdir(to)).filter((name) => name.startsWith('.'));
    assert.deepEqual(left.toSorted(), others.toSorted(), 'a process with the number of ours made its own before we began');
  });

  it('are not swept by the same process, which makes another', async () => {
    const to = fresh();
    const shelf = makeBackupShelf();
    const draft = await shelf.begin('kept-2020-01-01T00-00-00-1a2b', to);
    await (await shelf.begin('kept-2020-01-01T00-00-00-3c4d', to)).discard();
    assert.ok(existsSync(draft.directory));
    await draft.discard();
    assert.deepEqual(await readdir(to), []);
  });

  it('count as the newest by when they were made, while they are whole', async () => {
    const manifest = JSON.parse(await readFile(join(made, 'manifest.json'), 'utf8'));
    assert.deepEqual(await newestBackup(site.dataDir), { at: manifest.createdAt, isFound: true, isWhole: true });
    const cut = join(place, 'kept-2030-01-01T00-00-00-cut');
    await cp(made, cut, { recursive: true });
    await edited(cut, (about) => ({ ...about, createdAt: manifest.createdAt + 1 }));
    assert.equal((await newestBackup(site.dataDir))?.at, manifest.createdAt + 1);
    await truncate(join(cut, 'files/.env'), 1);
    assert.equal((await newestBackup(site.dataDir))?.at, manifest.createdAt);
    await rm(cut, { recursive: true });
  });

  it('are made, listed, verified, restored and pruned by command line', async () => {
    const to = fresh();
    const created = await runKept(site, ['backup', 'create', '--to', to, '--json']);
    assert.equal(created.code, 0, created.stderr);
    const { path, rows, bytes, ...more } = JSON.parse(created.stdout);
    assert.deepEqual([more, rows > 1, bytes > 10_000], [{}, true, true]);
    const listed = JSON.parse((await runKept(site, ['backup', 'list', '--in', to, '--json'])).stdout);
    assert.deepEqual(
      listed.backups.map((one: { path: string }) => one.path),
      [path],
    );
    const verified = await runKept(site, ['backup', 'verify', path]);
    assert.match(verified.stdout, /^The backup holds: \d+ rows of sqlite/);
    assert.equal((await runKept(site, ['backup', 'restore', path])).code, 2, 'no target');
    const env = { DATABASE_URL: 'postgres://kept@127.0.0.1:1/kept' };
    const elsewhere = await runKept(site, ['backup', 'restore', path], { env });
    assert.deepEqual([elsewhere.code, /a backup of SQLite: name the directory/.test(elsewhere.stderr)], [2, true], elsewhere.stderr);
    const restored = await runKept(site, ['backup', 'restore', path, '--data-dir', fresh()]);
    assert.deepEqual([restored.code, restored.stderr], [0, '']);
    await flip(join(path, database));
    const broken = await runKept(site, ['backup', 'verify', path, '--json']);
    assert.deepEqual([broken.code, JSON.parse(broken.stdout).ok], [1, false]);
    assert.equal((await runKept(site, ['backup', 'prune', '--in', to, '--keep', '0'])).code, 2);
  });
});

const flip = async (path: string): Promise<void> => {
  const content = await readFile(path);
  const middle = content.length >> 1;
  content[middle] = (content[middle] ?? 0) ^ 1;
  await writeFile(path, content);
};

const edited = async (path: string, change: (manifest: Record<string, unknown>) => unknown): Promise<void> => {
  const file = join(path, 'manifest.json');
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')))));
};

/** Makes the hash of the database fit. */
const rehash = async (path: string): Promise<void> => {
  const { createHash } = await import('node:crypto');
  const content = await readFile(join(path, 'system.db'));
  const file = { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  await edited(path, (manifest) => ({ ...manifest, files: { ...(manifest.files as object), 'system.db': file } }));
};
