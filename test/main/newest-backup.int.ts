import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, open, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3-13';
import { newestBackup } from '../../src/main/newest-backup.ts';
import { asNobody } from '../support/as-nobody.ts';

describe('the newest backup', () => {
  let dataDir: string;
  let backups: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'kept-backups-'));
    backups = join(dataDir, 'backups');
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  const at = (path: string, seconds: number) => utimes(path, seconds, seconds);
  const database = (path: string): void => {
    const made = new Database(path);
    made.exec(`CREATE TABLE kept (text); INSERT INTO kept VALUES (zeroblob(100000))`);
    made.close();
  };
  const kinds: readonly (readonly [kind: string, state: boolean | 'unseen', make: (path: string) => unknown])[] = [
    ['a SQLite database', true, database],
    [
      'half a SQLite database',
      false,
      async (path) => {
        database(path);
        const file = await open(path, 'r+');
        await file.truncate(20_000);
        await file.close();
      },
    ],
    ['an empty file', false, (path) => writeFile(path, '')],
    ['a text', false, (path) => writeFile(path, 'SQLite format 3 is what backups have')],
    ['an empty directory', false, (path) => mkdir(path)],
    ['a link to nothing', false, (path) => symlink('/nowhere/at/all', path)],
    ['a copy of a data directory', true, (path) => mkdir(path).then(() => database(join(path, 'system.db')))],
    [
      'a dump as text',
      true,
      (path) =>
        writeFile(path, `--\n-- PostgreSQL database dump\n--\n${'x\n'.repeat(9_999)}--\n-- PostgreSQL database dump complete\n--\n`),
    ],
    ['a dump as text that broke off', false, (path) => writeFile(path, `--\n-- PostgreSQL database dump\n--\n${'x\n'.repeat(9_999)}`)],
    ['a dump of its own format', 'unseen', (path) => writeFile(path, 'PGDMP\x01\x0e')],
    ['a packed file', 'unseen', (path) => writeFile(path, gzipSync('anything'))],
    ['the beginning of a packed file', 'unseen', (path) => writeFile(path, gzipSync('anything').subarray(0, 20))],
  ];
  for (const [kind, state, make] of kinds)
    it(`is ${{ true: '', false: 'not ', unseen: 'perhaps ' }[`${state}`]}${kind}`, async () => {
      await mkdir(backups);
      await make(join(backups, 'one'));
      if (kind !== 'a link to nothing') await at(join(backups, 'one'), 1_000);
      const newest = await newestBackup(dataDir);
      assert.deepEqual([newest?.isFound, newest?.isWhole], [state !== false, state === true]);
      if (newest?.isFound) assert.equal(newest.at, 1_000_000);
      else assert.ok(Math.abs((newest?.at ?? 0) - Date.now()) < 60_000, 'since the directory was made');
    });

  it('is the newest that is finished, whatever newer stands beside it', async () => {
    await mkdir(backups);
    for (const [name, seconds] of [
      ['a', 1_000],
      ['b', 2_000],
    ] as const) {
      database(join(backups, name));
      await at(join(backups, name), seconds);
    }
    for (const name of ['.being-made', 'zero']) await writeFile(join(backups, name), '');
    database(join(backups, '.also-being-made'));
    assert.deepEqual(await newestBackup(dataDir), { at: 2_000_000, isFound: true, isWhole: true });
  });

  it('is not a packed one that is far smaller than the one of its name before', async () => {
    await mkdir(backups);
    const packed = gzipSync(randomBytes(10_000));
    for (const [name, bytes, seconds] of [
      ['kept-2026-11-28.sql.gz', packed, 1_000],
      ['kept-2026-11-29.sql.gz', packed, 2_000],
      ['kept-2026-11-30.sql.gz', packed.subarray(0, 4_000), 3_000],
    ] as const) {
      await writeFile(join(backups, name), bytes);
      await at(join(backups, name), seconds);
    }
    assert.deepEqual(await newestBackup(dataDir), { at: 2_000_000, isFound: true, isWhole: false });
    const other = join(backups, 'files-2026-11-30.gz');
    await writeFile(other, packed.subarray(0, 20));
    await at(other, 4_000);
    assert.equal((await newestBackup(dataDir))?.at, 4_000_000, 'the first of its name');
  });

  it('is none from the future, as by a clock that ran ahead', async () => {
    await mkdir(backups);
    const now = 10_000_000;
    await writeFile(join(backups, 'README'), 'no backup, and younger');
    database(join(backups, 'ahead'));
    await at(join(backups, 'ahead'), now / 1_000 + 301);
    assert.deepEqual(await newestBackup(dataDir, now), { at: now, isFound: false, isWhole: false, ahead: 1 });
    database(join(backups, 'before'));
    await at(join(backups, 'before'), 2_000);
    assert.deepEqual(await newestBackup(dataDir, now), { at: 2_000_000, isFound: true, isWhole: true, ahead: 1 });
    await at(join(backups, 'ahead'), now / 1_000 + 299);
    assert.deepEqual(await newestBackup(dataDir, now), { at: now + 299_000, isFound: true, isWhole: true });
  });

  it('is found beside what this user may not look into, which is told', async () => {
    await mkdir(backups);
    database(join(backups, 'good'));
    await at(join(backups, 'good'), 2_000);
    for (const name of ['lost+found', 'closed']) await mkdir(join(backups, name), { mode: 0 });
    await symlink('ring', join(backups, 'ring'));
    await chmod(dataDir, 0o755);
    await chmod(backups, 0o755);
    const found = await asNobody(() => newestBackup(dataDir));
    assert.deepEqual(found, { at: 2_000_000, isFound: true, isWhole: true, unread: [join(backups, 'closed')] });
    await chmod(backups, 0);
    const hidden = await asNobody(() => newestBackup(dataDir));
    for (const path of [backups, join(backups, 'lost+found'), join(backups, 'closed')]) await chmod(path, 0o700);
    assert.deepEqual([hidden?.isFound, hidden?.unread], [false, [backups]]);
  });

  it('is told of no directory, or of what is none', async () => {
    assert.equal(await newestBackup(dataDir), undefined);
    await writeFile(backups, '');
    assert.equal(await newestBackup(dataDir), undefined);
  });
});
