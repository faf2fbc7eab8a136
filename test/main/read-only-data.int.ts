import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import { localChatId, promiseId } from '../../src/domain/index.ts';
import { buildPromise } from '../../src/testing/index.ts';
import type { Site } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';
import { makeStoredSite } from '../support/stored-site.ts';

/** Nothing is read-only to root: an account without rights reads then. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

describe('Data that may be read and not written', function () {
  this.timeout(60_000);
  let site: Site;
  let copies: string;
  before(async () => {
    site = await makeStoredSite(async ({ audit, promises }) => {
      await promises.add([buildPromise({ id: promiseId(1), chatId: localChatId(1) })]);
      await audit.add([{ at: 1, kind: 'operator', actor: 'operator', facts: { command: 'cancel' } }]);
      await audit.seal(9);
    });
    copies = join(site.root, 'copies');
    mkdirSync(copies);
    chmodSync(copies, 0o777);
    // What the WAL alone holds belongs to it.
    const writer = new Database(site.database);
    writer.exec(`INSERT INTO audit_log (at, kind, actor, facts) VALUES (1, 'operator', 'operator', '{}')`);
    for (const [directory, names] of [
      ['whole', ['system.db', 'system.db-wal', 'system.db-shm']],
      ['saved', ['system.db', 'system.db-wal']],
    ] as const) {
      mkdirSync(join(site.root, directory));
      for (const name of names) copyFileSync(join(site.dataDir, name), join(site.root, directory, name));
    }
    writer.close();
    for (const directory of ['data', 'whole', 'saved']) {
      for (const name of readdirSync(join(site.root, directory))) chmodSync(join(site.root, directory, name), 0o444);
      chmodSync(join(site.root, directory), 0o555);
    }
    chmodSync(site.root, 0o755);
    chmodSync(join(site.root, 'workspace_config.json'), 0o444);
  });
  after(async () => {
    for (const directory of ['data', 'whole', 'saved']) chmodSync(join(site.root, directory), 0o755);
    await site.remove();
  });
  const kept = (directory: string, ...words: string[]) =>
    runKept(site, words, { as: NOBODY, env: { TMPDIR: copies, KEPT_DATA_DIR: join(site.root, directory) } });
  const filesIn = (directory: string) =>
    readdirSync(join(site.root, directory)).map((name) => `${name} ${readFileSync(join(site.root, directory, name)).toString('base64')}`);

  for (const [what, directory] of [
    ['of a Kept that was stopped', 'data'],
    ['of a Kept that was killed', 'whole'],
    ['copied with its WAL', 'saved'],
  ] as const)
    it(`is verified, ${what}; nothing is changed, and no copy is left`, async () => {
      const before = filesIn(directory);
      const { stdout, stderr } = await kept(directory, 'audit', '--verify');
      expect(stderr).to.equal('');
      expect(stdout).to.match(/^The audit log holds: 1 row, none changed[\s\S]*\n1 fact is not sealed yet/);
      expect(filesIn(directory)).to.deep.equal(before);
      expect(readdirSync(copies)).to.deep.equal([]);
    });

  it('leaves no copy of a command that was killed: the next one removes it', async () => {
    const left = [join(copies, 'kept-copy-999999999-a'), join(copies, `kept-copy-${process.pid}-b`)] as const;
    for (const directory of left) {
      mkdirSync(directory);
      chownSync(directory, NOBODY.uid ?? process.getuid?.() ?? 0, NOBODY.gid ?? process.getgid?.() ?? 0);
    }
    expect((await kept('saved', 'audit', '--verify')).stderr).to.equal('');
    expect(readdirSync(copies), 'that of a process that lives stays').to.deep.equal([basename(left[1])]);
    rmdirSync(left[1]);
  });

  it('is not changed by a command, nor followed, and says so', async () => {
    for (const words of [
      ['promises', 'cancel', '1'],
      ['promises', 'list', '--follow'],
    ]) {
      const { code, stderr } = await kept('data', ...words);
      expect(code).to.equal(1);
      expect(stderr).to.include(`${site.database} can't be `);
    }
    expect(readdirSync(copies)).to.deep.equal([]);
  });

  it('is told as what it is where this user may not even read it, and never as missing', async () => {
    mkdirSync(join(site.root, 'closed'));
    copyFileSync(join(site.dataDir, 'system.db'), join(site.root, 'closed/system.db'));
    chmodSync(join(site.root, 'closed'), 0);
    const closed = join(site.root, 'closed');
    for (const [words, exitCode] of [
      [['health'], 2],
      [['stats'], 1],
      [['promises', 'list'], 1],
      [['logs'], 1],
    ] as const) {
      const { code, stdout, stderr } = await kept('closed', ...words);
      expect({ code, stdout }, words.join(' ')).to.deep.equal({ code: exitCode, stdout: '' });
      expect(stderr, words.join(' ')).to.match(new RegExp(`^kept: the (data in|log) ${closed}\\S* can't be read by this user: EACCES`));
      expect(stderr.trimEnd(), 'one line').not.to.include('\n');
    }
  });

  it('names the place of the copy where that is what can not be used', async () => {
    const env = { TMPDIR: join(site.root, 'nowhere'), KEPT_DATA_DIR: join(site.root, 'data') };
    const { code, stderr } = await runKept(site, ['audit', '--verify'], { as: NOBODY, env });
    const place = `no copy of it can be made in ${env.TMPDIR} (ENOENT): set TMPDIR to a place with room, where this user may write`;
    expect([code, stderr]).to.deep.equal([1, `kept: ${site.database} can't be written, and ${place}\n`]);
  });

  it('says what to do where the directory may be read, and the database in it may not', async () => {
    const database = join(site.root, 'private/system.db');
    mkdirSync(join(site.root, 'private'), { mode: 0o755 });
    copyFileSync(join(site.dataDir, 'system.db'), database);
    chmodSync(database, 0);
    const words = `${database} can't be used: this user may not read or write it (EACCES)`;
    const fix = `→ run the command as the user that Kept runs as, or give that user ${database} and its directory`;
    const listed = await kept('private', 'promises', 'list');
    expect([listed.code, listed.stderr]).to.deep.equal([1, `kept: ${words}\n  ${fix}\n`]);
    const health = await kept('private', 'health');
    expect(health.code, health.stderr).to.equal(2);
    expect(health.stdout).to.match(/storage\.database +fail /);
    for (const each of [words, fix]) expect(health.stdout, health.stdout).to.include(each);
  });
});
