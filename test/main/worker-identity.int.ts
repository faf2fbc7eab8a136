import { strict as assert } from 'node:assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { acquireProcessLock, systemClock as clock } from '../../src/adapters/system/index.ts';
import { promiseId, transition } from '../../src/domain/index.ts';
import { placeName } from '../../src/main/data-dir.ts';
import { endDeadLeases, workerIdOf } from '../../src/main/worker-identity.ts';
import { silentLogger as logger } from '../../src/ports/index.ts';
import { buildPromise, carryOut } from '../../src/testing/index.ts';
import { logged } from '../support/logged.ts';

describe('the leases of dead workers', () => {
  it('leases of dead workers end when a worker starts; leases of live workers, and its own, do not', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kept-locks-'));
    const locks = [await acquireProcessLock(dataDir, 'kept'), await acquireProcessLock(dataDir, 'worker-live')];
    try {
      const { stores, queue } = makeMemoryStorage();
      const own = workerIdOf('kept', 'now');
      const holders = [own, workerIdOf('kept', 'before'), workerIdOf('worker-live', 'x'), workerIdOf('worker-dead', 'y')];
      const now = clock.now();
      for (const [index, workerId] of holders.entries()) {
        await stores.promises.add([buildPromise({ id: promiseId(index + 1), dueAt: now })]);
        await queue.claim({ workerId, now, leaseMs: 60_000, limit: 1 });
      }
      await endDeadLeases({ queue, dataDir, workerId: own, clock, events: logged(logger) });
      const free = await queue.claim({ workerId: 'next', now: clock.now(), leaseMs: 60_000, limit: 10 });
      assert.deepEqual(
        free.map(({ id }) => Number(id)).sort(),
        [2, 4],
        'the one that had this lock before, and the one whose lock nobody holds',
      );
    } finally {
      for (const lock of locks) await lock.release();
      await rm(dataDir, { recursive: true });
    }
  });

  it('the lease of a promise that was cancelled before its worker died ends, so that it can be retried', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kept-locks-'));
    const lock = await acquireProcessLock(dataDir, 'kept');
    try {
      const { stores, queue } = makeMemoryStorage();
      const now = clock.now();
      await stores.promises.add([buildPromise({ id: promiseId(1), dueAt: now })]);
      const [running] = await queue.claim({ workerId: workerIdOf('kept', 'before'), now, leaseMs: 60_000, limit: 1 });
      assert.ok(running);
      await carryOut(stores.promises, running.id, { type: 'cancel', at: now, reason: 'no need' });
      await endDeadLeases({ queue, dataDir, workerId: workerIdOf('kept', 'now'), clock, events: logged(logger) });
      const [cancelled] = await stores.promises.getMany([promiseId(1)]);
      assert.ok(cancelled && transition(cancelled, { type: 'retry', at: now }).ok);
    } finally {
      await lock.release();
      await rm(dataDir, { recursive: true });
    }
  });

  it('leases of workers at another place are left alone', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kept-locks-'));
    const lock = await acquireProcessLock(dataDir, 'worker-live');
    try {
      const { stores, queue } = makeMemoryStorage();
      const place = placeName(dataDir);
      assert.equal(placeName(dataDir), place, 'a place keeps its name');
      const own = workerIdOf('worker-live', 'now', place);
      const holders = [
        workerIdOf('worker-dead', 'x', place),
        workerIdOf('worker-dead', 'x', 'elsewhere'),
        workerIdOf('worker-dead', 'x'),
        own,
      ];
      const now = clock.now();
      for (const [index, workerId] of holders.entries()) {
        await stores.promises.add([buildPromise({ id: promiseId(index + 1), notBefore: now })]);
        await queue.claim({ workerId, now, leaseMs: 60_000, limit: 1 });
      }
      await endDeadLeases({ queue, dataDir, workerId: own, clock, events: logged(logger) });
      const free = await queue.claim({ workerId: 'next', now: clock.now(), leaseMs: 60_000, limit: 10 });
      assert.deepEqual(
        free.map(({ id }) => Number(id)),
        [1],
      );
    } finally {
      await lock.release();
      await rm(dataDir, { recursive: true });
    }
  });
});
