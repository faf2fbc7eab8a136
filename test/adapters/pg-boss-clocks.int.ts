import { expect } from 'chai';
import { describe, it } from 'mocha';
import { inServerTime } from '../../src/adapters/pg-boss/index.ts';
import { promiseId } from '../../src/domain/index.ts';
import { silentLogger } from '../../src/ports/index.ts';
import { buildPromise, makeFixedClock } from '../../src/testing/index.ts';
import { openFreshBossStorage } from '../support/boss-storage.ts';

const LEASE_MS = 30_000;

describe('The queue on PostgreSQL, with clocks that are wrong', () => {
  it('a worker whose clock is ahead or behind neither takes a live lease nor loses its own, and is told of', async () => {
    const { subject, close } = await openFreshBossStorage();
    try {
      await subject.stores.promises.add([1, 2].map((id) => buildPromise({ id: promiseId(id), dueAt: Date.now() - 1_000 })));
      const errors: unknown[] = [];
      const workerAt = (workerId: string, aheadMs: number) => {
        const clock = makeFixedClock(Date.now() + aheadMs);
        const queue = inServerTime(subject.queue, subject, {
          clock,
          logger: { ...silentLogger, error: (fields) => errors.push(fields) },
        });
        return { now: clock.now(), queue, claim: () => queue.claim({ workerId, now: clock.now(), leaseMs: LEASE_MS, limit: 1 }) };
      };
      const [right, ahead, behind] = [workerAt('right', 0), workerAt('ahead', 3_600_000), workerAt('behind', -3_600_000)];
      expect(await right.claim()).to.have.length(1);
      const [mine] = await ahead.claim();
      expect(mine?.lease.expiresAt).to.be.closeTo(ahead.now + LEASE_MS, 1);
      for (const other of [right, ahead, behind]) expect(await other.claim()).to.deep.equal([]);
      const ids = [promiseId(1), promiseId(2)];
      expect(await ahead.queue.heartbeat({ workerId: 'ahead', ids, now: ahead.now, leaseMs: LEASE_MS })).to.deep.equal([mine?.id]);
      expect(await behind.queue.nextDueAt()).to.be.closeTo(behind.now + LEASE_MS, 5_000);
      expect(errors).to.have.length(2);
    } finally {
      await close();
    }
  });
});
