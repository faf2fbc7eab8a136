import { expect } from 'chai';
import { describe, it } from 'mocha';
import { inServerTime } from '../../../../src/adapters/postgres/index.ts';
import { makeCancelPromise, makeRetryPromise } from '../../../../src/application/index.ts';
import { promiseId } from '../../../../src/domain/index.ts';
import { type Clock, silentLogger } from '../../../../src/ports/index.ts';
import { buildPromise, makeFixedClock, makeSeededRandomness } from '../../../../src/testing/index.ts';
import { openFreshBossStorage } from '../../../support/boss-storage.ts';

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

  for (const aheadMs of [60_000, -3_600_000])
    it(`a retry that is asked for ${aheadMs} ms from the server's time waits for the last run's lease, and no longer`, async () => {
      const { subject, close } = await openFreshBossStorage();
      try {
        const id = promiseId(1);
        await subject.stores.promises.add([buildPromise({ id, dueAt: Date.now() - 7_200_000 })]);
        const queueAt = (clock: Clock) => inServerTime(subject.queue, subject, { clock, logger: silentLogger });
        const right = makeFixedClock(Date.now());
        await queueAt(right).claim({ workerId: 'right', now: right.now(), leaseMs: LEASE_MS, limit: 1 });
        const clock = makeFixedClock(Date.now() + aheadMs);
        const deps = { unitOfWork: subject.unitOfWork, clock, randomness: makeSeededRandomness(1), logger: silentLogger };
        const retry = makeRetryPromise({ ...deps, queue: queueAt(clock) });
        await makeCancelPromise({ ...deps, reason: 'By the operator.' })(id);
        const refused = await retry(id);
        expect(refused).to.nested.include({ ok: false, 'error.code': 'promise/lease-held' });
        if (!refused.ok)
          expect(refused.error)
            .to.have.property('retryAfterMs')
            .that.is.within(LEASE_MS - 5_000, LEASE_MS);
        clock.advance(LEASE_MS);
        const retried = await retry(id);
        expect(retried).to.nested.include({ ok: true, 'value.status': 'pending', 'value.dueAt': clock.now() });
      } finally {
        await close();
      }
    });
});
