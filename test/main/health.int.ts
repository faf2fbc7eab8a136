import { strict as assert } from 'node:assert';
import { access, mkdtemp, readdir, rm, stat, type statfs, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDiskProbe, makeLogProbe, makeReadDiskRoom } from '../../src/adapters/probes/index.ts';
import { acquireProcessLock, systemClock } from '../../src/adapters/system/index.ts';
import { makeRunProbes } from '../../src/application/index.ts';
import { builtInAlertRules, DEFAULT_LOCAL_CHAT, OPERATOR_ID } from '../../src/domain/index.ts';
import { makeAppContext } from '../../src/main/container.ts';
import { BOT_LOCK } from '../../src/main/data-dir.ts';
import { checkHealth } from '../../src/main/health.ts';
import { openDataDir } from '../../src/main/open-data-dir.ts';
import { TOKENS } from '../../src/main/tokens.ts';
import { silentLogger } from '../../src/ports/index.ts';
import { configOf } from '../support/site-config.ts';

describe('the health that the command line tells', () => {
  let dir: string;
  let dataDir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kept-health-'));
    dataDir = join(dir, 'data');
  });
  afterEach(() => rm(dir, { recursive: true }));

  const health = async () => {
    const { status, checks } = await checkHealth(configOf({ KEPT_DATA_DIR: dataDir }, dir), silentLogger);
    return { status, ...Object.fromEntries(checks.map((check) => [check.id, check])) } as Record<
      string,
      { status: string; message: string }
    > & {
      status: string;
    };
  };
  /** Data as a process leaves it that has stopped. */
  const withData = async ({ promise = false } = {}): Promise<void> => {
    openDataDir(dataDir);
    const { get, lifecycle } = makeAppContext(configOf({ KEPT_DATA_DIR: dataDir }, dir), silentLogger);
    const { makePromise } = await get(TOKENS.commands);
    if (promise)
      await makePromise({ description: 'count' }, { chatId: DEFAULT_LOCAL_CHAT, chatKind: 'direct', requestedBy: { id: OPERATOR_ID } });
    await lifecycle.stop();
  };

  it('reports degraded if nothing runs, though nothing waits: nobody would answer', async () => {
    await withData();
    const { status, 'process.running': processes } = await health();
    assert.deepEqual([status, processes?.status], ['degraded', 'warn']);
    assert.equal(processes?.message, 'none; no bot is running, and nobody answers');
  });

  it('reports degraded if a promise waits and nothing runs', async () => {
    await withData({ promise: true });
    const { status, 'queue.worker': worker } = await health();
    assert.equal(status, 'degraded');
    assert.match(worker?.message ?? '', /^promises wait, and no worker is running: /);
  });

  it('reports unhealthy, and creates no table or file, if the database is empty or gone', async () => {
    await withData();
    await truncate(join(dataDir, 'system.db'), 0);
    const before = await readdir(dataDir);
    assert.match((await health())['storage.database']?.message ?? '', /system\.db is empty: its content is gone/);
    await rm(join(dataDir, 'system.db'));
    const { status, 'storage.database': storage } = await health();
    assert.deepEqual([status, storage?.status], ['unhealthy', 'fail']);
    assert.match(storage?.message ?? '', /is missing/);
    await writeFile(join(dataDir, 'system.db'), '');
    assert.deepEqual(await readdir(dataDir), before);
    assert.equal((await stat(join(dataDir, 'system.db'))).size, 0);
  });

  it('reports what the running bot knows of its gateways and log, or that it does not answer', async () => {
    await withData();
    const lock = await acquireProcessLock(dataDir, BOT_LOCK);
    const bot = createServer((_request, response) =>
      response.end(
        JSON.stringify({
          status: 'degraded',
          checks: [
            { id: 'storage.database', status: 'fail', message: 'seen here' },
            { id: 'gateway.telegram', status: 'warn', message: 'not connected' },
          ],
        }),
      ),
    );
    await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(bot.address() as AddressInfo).port}`;
    await writeFile(join(dataDir, 'kept.json'), JSON.stringify({ role: 'start', pid: process.pid, url }));
    const told = await health();
    assert.deepEqual(
      [told.status, told['storage.database']?.status, told['gateway.telegram']?.message],
      ['degraded', 'ok', 'not connected'],
    );
    assert.equal(told['process.running']?.message, `start (PID ${process.pid})`);
    await new Promise((resolve) => {
      bot.close(resolve);
      bot.closeAllConnections();
    });
    const silent = await health();
    assert.deepEqual([silent.status, silent['process.bot']?.status], ['degraded', 'warn']);
    await lock.release();
  });

  it('reports the disk as failed if the data directory was moved or replaced, and a warning of the log while it fails', async () => {
    openDataDir(dataDir);
    const disk = makeDiskProbe({ dataDir });
    const log = makeLogProbe(join(dataDir, 'logs'), () => 'ENOSPC');
    const run = makeRunProbes({ clock: systemClock });
    const check = async () => (await run([disk, log])).map((reading) => reading.check);
    assert.deepEqual(
      (await check()).map(({ id, status }) => [id, status]),
      [
        ['storage.disk', 'ok'],
        ['process.log', 'warn'],
      ],
    );
    await rm(dataDir, { recursive: true });
    assert.equal((await check())[0]?.status, 'fail');
    openDataDir(join(dir, 'other'));
    openDataDir(dataDir);
    assert.match((await check())[0]?.message ?? '', /was replaced by another directory/);
  });

  it('warns of the disk by the rule of its alert, and of a disk without a MB whatever the rule is', async () => {
    openDataDir(dataDir);
    const rules = builtInAlertRules()['storage.disk'];
    const look = async (bavail: number, rule?: Partial<typeof rules>): Promise<string> => {
      const calls = { access, stat, statfs: (async () => ({ bavail, blocks: 100e6, bsize: 1 })) as unknown as typeof statfs };
      const probe = makeDiskProbe({ dataDir, calls, ...(rule ? { rule: { ...rules, ...rule } } : {}) });
      const [reading] = await makeRunProbes({ clock: systemClock })([probe]);
      return `${reading?.check.status}: ${reading?.check.message}`;
    };
    assert.match(await look(4.9e6, {}), /^warn: only 4\.9 MB \(4\.9 %\) are free on the disk of .*: make room$/);
    assert.equal(await look(5e6, {}), 'ok: 5 MB free');
    assert.equal(await look(4.9e6, { severity: 'off' }), 'ok: 4.9 MB free');
    assert.equal(await look(4.9e6, { threshold: 0.02 }), 'ok: 4.9 MB free');
    assert.match(await look(1e6, { severity: 'off' }), /^warn: only 1 MB/);
    assert.match(await look(16_384, {}), /^warn: only 16/);
    assert.match(await look(16_383), /^fail: only 16/, 'Kept could not start');
  });

  it('asks a disk that does not answer once, however many want to know', async () => {
    openDataDir(dataDir);
    const answer = Promise.withResolvers<{ bavail: number; blocks: number; bsize: number }>();
    let asked = 0;
    const hang = (() => {
      asked++;
      return answer.promise;
    }) as unknown as typeof statfs;
    const readRoom = makeReadDiskRoom(dataDir, { statfs: hang });
    const probe = makeDiskProbe({ dataDir, readRoom });
    const all = [probe.probe(new AbortController().signal), probe.probe(new AbortController().signal), readRoom(), readRoom()];
    await new Promise(setImmediate);
    assert.equal(asked, 1);
    answer.resolve({ bavail: 1e9, blocks: 2e9, bsize: 1 });
    await Promise.all(all);
    await readRoom();
    assert.equal(asked, 2, 'it is asked again once it has answered');
  });
});
