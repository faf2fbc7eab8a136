import { strict as assert } from 'node:assert';
import { existsSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireProcessLock } from '../../../src/adapters/system/index.ts';
import { type Diagnosis, isUnwell } from '../../../src/application/index.ts';
import { type DoctorSite, openDoctorSite } from '../../support/doctor-site.ts';
import { DOCTOR_ROWS } from './doctor-rows.ts';

const unwellIn = ({ checks }: Diagnosis): readonly string[] => checks.filter(isUnwell).map(({ id }) => id);
const lineOf = ({ checks }: Diagnosis, id: string) => checks.find((check) => check.id === id);

describe('the repairs of the doctor', function () {
  this.timeout(60_000);
  let site: DoctorSite;
  before(async () => {
    site = await openDoctorSite();
  });
  after(() => site.close());

  it('touches no file of a running process: not its lock, not its modes, not its journal', async () => {
    const undo = [await DOCTOR_ROWS['storage.modes'].breaks(site), await DOCTOR_ROWS['process.lock'].breaks(site)];
    const lock = await acquireProcessLock(site.dataDir, 'worker-alive');
    try {
      const repairs = await (await site.examine()).repairs();
      assert.deepEqual(
        repairs.map(({ id }) => id),
        ['storage.modes', 'process.lock'],
      );
      await assert.rejects(repairs[0]?.run() ?? Promise.resolve(), /PID \d+ runs on this data: stop it first/);
      assert.equal((await stat(site.database)).mode & 0o777, 0o644);
      await repairs[1]?.run();
      assert.deepEqual(
        (await readdir(site.dataDir)).filter((name) => name.endsWith('.lock')),
        ['worker-alive.lock'],
      );
    } finally {
      await lock.release();
      for (const each of undo) await each();
      await rm(join(site.dataDir, 'worker-alive.lock'), { force: true });
    }
  });

  it('does not remove a lock that somebody has taken since it looked', async () => {
    const undo = await DOCTOR_ROWS['process.lock'].breaks(site);
    const repairs = await (await site.examine({ only: ['process.lock'] })).repairs();
    const lock = await acquireProcessLock(site.dataDir, 'worker-killed');
    await assert.rejects(repairs[0]?.run() ?? Promise.resolve(), /worker-killed is running/);
    assert.ok(existsSync(join(site.dataDir, 'worker-killed.lock')));
    await lock.release();
    await undo();
  });

  it('closes a file of secrets that stands elsewhere, and no other of its name', async () => {
    const elsewhere = join(site.dir, 'elsewhere');
    const paths = [join(elsewhere, '.mcp.json'), join(site.dir, '.mcp.json')] as const;
    await mkdir(elsewhere);
    for (const path of paths) await writeFile(path, '{"mcpServers": {"files": {"command": "node"}}}', { mode: 0o644 });
    site.env.KEPT_MCP_CONFIG = paths[0];
    try {
      const found = await site.examine({ only: ['storage.modes'] });
      assert.match(lineOf(found, 'storage.modes')?.fixHint ?? '', new RegExp(`chmod 600 ${paths[0]}`));
      for (const repair of await found.repairs()) await repair.run();
      assert.deepEqual(
        paths.map((path) => statSync(path).mode & 0o777),
        [0o600, 0o644],
      );
      assert.deepEqual(unwellIn(await site.examine({ only: ['storage.modes'] })), []);
    } finally {
      delete site.env.KEPT_MCP_CONFIG;
      for (const path of [elsewhere, paths[1]]) await rm(path, { recursive: true });
    }
  });

  it('lets others read a file of the configuration, and takes away that every user can change it', async () => {
    const path = join(site.dir, 'prices.json');
    await writeFile(path, '{}');
    await chmod(path, 0o666);
    try {
      const found = await site.examine({ only: ['storage.modes'] });
      assert.equal(lineOf(found, 'storage.modes')?.status, 'warn');
      const repairs = await found.repairs();
      assert.deepEqual(
        repairs.map(({ words }) => words),
        [`chmod o-w ${path}`],
      );
      for (const repair of repairs) await repair.run();
      assert.equal(statSync(path).mode & 0o777, 0o664);
      assert.deepEqual(unwellIn(await site.examine({ only: ['storage.modes'] })), []);
    } finally {
      await rm(path);
    }
  });

  it('removes a thousand drafts within seconds, and keeps one that is written again', async () => {
    const drafts = Array.from({ length: 1_000 }, (_, at) => join(site.dataDir, `kept.json.${at + 5_000}`));
    for (const path of drafts) {
      writeFileSync(path, '', { mode: 0o600 });
      utimesSync(path, 1_000_000_000, 1_000_000_000);
    }
    const repairs = await (await site.examine({ only: ['process.temp'] })).repairs();
    assert.equal(repairs.length, drafts.length);
    utimesSync(drafts[0] ?? '', Date.now() / 1_000, Date.now() / 1_000);
    const begunAt = performance.now();
    const done = await Promise.allSettled(repairs.map(({ run }) => run()));
    assert.ok(performance.now() - begunAt < 3_000);
    assert.deepEqual(
      drafts.filter((path) => existsSync(path)),
      [drafts[0]],
    );
    assert.equal(done.filter(({ status }) => status === 'rejected').length, 1);
    await rm(drafts[0] ?? '');
  });
});
