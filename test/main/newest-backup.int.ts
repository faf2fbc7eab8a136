import { strict as assert } from 'node:assert';
import { mkdir, mkdtemp, open, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3-13';
import { newestBackup } from '../../src/main/newest-backup.ts';

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
  const kinds: readonly (readonly [kind: string, isFinished: boolean, make: (path: string) => unknown])[] = [
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
    ['a dump of its own format', true, (path) => writeFile(path, 'PGDMP\x01\x0e')],
    ['a packed file', true, (path) => writeFile(path, gzipSync('anything'))],
  ];
  for (const [kind, isFinished, make] of kinds)
    it(`is ${isFinished ? '' : 'not '}${kind}`, async () => {
      await mkdir(backups);
      await make(join(backups, 'one'));
      if (kind !== 'a link to nothing') await at(join(backups, 'one'), 1_000);
      const newest = await newestBackup(dataDir);
      assert.equal(newest?.isFinished, isFinished);
      if (isFinished) assert.equal(newest.at, 1_000_000);
      else assert.ok(Math.abs(newest.at - Date.now()) < 60_000, 'since the directory was made');
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
    assert.deepEqual(await newestBackup(dataDir), { at: 2_000_000, isFinished: true });
  });

  it('is told of no directory, or of what is none', async () => {
    assert.equal(await newestBackup(dataDir), undefined);
    await writeFile(backups, '');
    assert.equal(await newestBackup(dataDir), undefined);
  });
});
