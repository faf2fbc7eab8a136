import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireProcessLock } from '../../../src/adapters/system/index.ts';
import { BOT_LOCK } from '../../../src/main/data-dir.ts';
import { portProbe } from '../../../src/main/probes/port-probe.ts';
import { configOf } from '../../support/site-config.ts';

describe('The probe of ports', () => {
  let dir: string;
  let taken: Server;
  let free: number;
  const portOf = (server: Server): number => (server.address() as AddressInfo).port;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kept-ports-'));
    taken = createServer().listen(0, '127.0.0.1');
    const other = createServer().listen(0, '127.0.0.1');
    await Promise.all([once(taken, 'listening'), once(other, 'listening')]);
    free = portOf(other);
    await new Promise((resolve) => other.close(resolve));
  });
  afterEach(async () => {
    await new Promise((resolve) => taken.close(resolve));
    await rm(dir, { recursive: true });
  });

  const look = async (port: number, metricsPort: number) => {
    const config = configOf({ KEPT_DATA_DIR: dir, PORT: String(port), KEPT_METRICS_PORT: String(metricsPort) }, dir);
    const found = await portProbe(config, 1_000).probe(AbortSignal.timeout(5_000));
    return { status: found?.status, message: found?.message ?? '', hint: found?.fixHint ?? '' };
  };

  it('finds both free, or which of them is taken by another program, and names its setting', async () => {
    assert.equal((await look(0, free)).status, 'ok');
    const metrics = await look(0, portOf(taken));
    assert.equal(metrics.status, 'warn', 'promises are kept all the same');
    assert.match(metrics.message, /is taken: set KEPT_METRICS_PORT to another one/);
    assert.equal(metrics.hint, 'see HOST and KEPT_METRICS_PORT');
    const page = await look(portOf(taken), free);
    assert.deepEqual([page.status, page.hint], ['fail', 'see HOST and PORT']);
    assert.match(page.message, /free for metrics/, 'the other one is told as well');
  });

  it('warns of one number for both', async () => {
    const { status, message } = await look(free, free);
    assert.equal(status, 'warn');
    assert.match(message, /PORT and KEPT_METRICS_PORT are both \d+/);
  });

  it('takes a port of its own processes for well, and tells where a worker serves none', async () => {
    const worker = await acquireProcessLock(dir, 'worker-1');
    try {
      assert.match((await look(0, portOf(taken))).message, /is in use; whether by the running worker \(PID \d+\)/);
      const silent = await look(0, free);
      assert.equal(silent.status, 'warn');
      assert.match(silent.message, /serves no metrics/);
    } finally {
      await worker.release();
    }
    const bot = await acquireProcessLock(dir, BOT_LOCK);
    assert.match((await look(portOf(taken), 0)).message, /is used by Kept itself/);
    await bot.release();
  });
});
