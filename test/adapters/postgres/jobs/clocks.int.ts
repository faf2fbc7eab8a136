import { expect } from 'chai';
import { describe, it } from 'mocha';
import { type JobStorage, openJobStorage } from '../../../../src/adapters/postgres/job-storage.ts';
import { makeCheckHealth } from '../../../../src/application/health/check-health.ts';
import { makeCancelPromise, makeRetryPromise } from '../../../../src/application/promises/command-promise.ts';
import { isAlive, promiseId } from '../../../../src/domain/index.ts';
import { type Clock, type EngineNotices, silentEngineNotices, silentEvents } from '../../../../src/ports/index.ts';
import { buildProcess, buildPromise, makeFixedClock, makeSeededRandomness } from '../../../../src/testing/index.ts';
import { administer, freshDatabase } from '../../../support/postgres.ts';

const LEASE_MS = 30_000;
const HOUR = 3_600_000;

type OpenAt = (clock: Clock, notice?: EngineNotices) => Promise<JobStorage>;

/** Runs `use` with processes on one database, each with a clock of its own. */
const withClocks = async (use: (openAt: OpenAt, url: string) => Promise<void>): Promise<void> => {
  const database = await freshDatabase();
  const opened: JobStorage[] = [];
  try {
    await use(async (clock, notice = silentEngineNotices) => {
      const storage = await openJobStorage({ url: database.url, clock, notice });
      opened.push(storage);
      return storage;
    }, database.url);
  } finally {
    await Promise.all(opened.map((storage) => storage.close()));
    await database.drop();
  }
};

describe('The PostgreSQL engine, where the clocks of processes are wrong', () => {
  it('neither lets a worker with a wrong clock take a live lease nor lose its own, and reports the clock', () =>
    withClocks(async (openAt) => {
      const notices: string[] = [];
      const workerAt = async (workerId: string, aheadMs: number) => {
        const clock = makeFixedClock(Date.now() + aheadMs);
        const { queue, stores } = await openAt(clock, (name) => notices.push(name));
        return { now: clock.now(), queue, stores, claim: () => queue.claim({ workerId, now: clock.now(), leaseMs: LEASE_MS, limit: 1 }) };
      };
      const [right, ahead, behind] = [await workerAt('right', 0), await workerAt('ahead', HOUR), await workerAt('behind', -HOUR)];
      await right.stores.promises.add([1, 2].map((id) => buildPromise({ id: promiseId(id), dueAt: Date.now() - 1_000 })));
      expect(await right.claim()).to.have.length(1);
      const [mine] = await ahead.claim();
      expect(mine?.lease.expiresAt).to.be.closeTo(ahead.now + LEASE_MS, 1);
      for (const other of [right, ahead, behind]) expect(await other.claim()).to.deep.equal([]);
      const ids = [promiseId(1), promiseId(2)];
      expect(await ahead.queue.heartbeat({ workerId: 'ahead', ids, now: ahead.now, leaseMs: LEASE_MS })).to.deep.equal([mine?.id]);
      expect(await behind.queue.nextDueAt()).to.be.closeTo(behind.now + LEASE_MS, 5_000);
      expect(notices).to.deep.equal(['clocks-differ', 'clocks-differ']);
    }));

  it('tells who is alive by the clock of the database, whatever the clocks of those that ask and tell', () =>
    withClocks(async (openAt) => {
      const machineAt = async (id: string, aheadMs: number) => {
        const clock = makeFixedClock(Date.now() + aheadMs);
        const { processes } = (await openAt(clock)).stores;
        return {
          beat: (agoMs: number) => processes.beat(buildProcess(id, { startedAt: clock.now() - agoMs, heartbeatAt: clock.now() - agoMs })),
          alive: async () => (await processes.list({ limit: 9 })).filter((each) => isAlive(each, clock.now())).map((each) => each.id),
          purge: () =>
            processes.purge({
              before: clock.now() - HOUR / 2,
              silentBefore: clock.now() - 60_000,
              after: clock.now() + HOUR / 2,
              each: 9,
              most: 9,
            }),
          stop: () => processes.stop(id, clock.now()),
          list: () => processes.list({ limit: 9 }),
          now: clock.now(),
        };
      };
      const [right, ahead, behind] = [await machineAt('right', 0), await machineAt('ahead', HOUR), await machineAt('behind', -HOUR)];
      await right.beat(0);
      await ahead.beat(0);
      await behind.beat(120_000);
      for (const machine of [right, ahead, behind]) {
        expect((await machine.alive()).toSorted()).to.deep.equal(['ahead', 'right']);
        expect(await machine.purge()).to.equal(0);
      }
      await ahead.stop();
      const [told] = (await behind.list()).filter(({ id }) => id === 'ahead');
      for (const at of [told?.startedAt, told?.heartbeatAt, told?.stoppedAt]) expect(at).to.be.closeTo(behind.now, 5_000);
    }));

  for (const aheadMs of [60_000, -HOUR])
    it(`retries by a clock ${aheadMs} ms ahead once the lease of the last run has ended, and not before`, () =>
      withClocks(async (openAt) => {
        const id = promiseId(1);
        const right = makeFixedClock(Date.now());
        const { stores, queue } = await openAt(right);
        await stores.promises.add([buildPromise({ id, dueAt: Date.now() - 2 * HOUR })]);
        await queue.claim({ workerId: 'right', now: right.now(), leaseMs: LEASE_MS, limit: 1 });
        const clock = makeFixedClock(Date.now() + aheadMs);
        const { unitOfWork } = await openAt(clock);
        const deps = { unitOfWork, clock, randomness: makeSeededRandomness(1), events: silentEvents };
        const retry = makeRetryPromise(deps);
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
      }));

  for (const aheadMs of [HOUR, -HOUR])
    it(`reads and writes leases in the time of a process whose clock is ${aheadMs} ms ahead`, () =>
      withClocks(async (openAt, url) => {
        const clock = makeFixedClock(Date.now() + aheadMs);
        const [right, wrong] = [await openAt(makeFixedClock(Date.now())), await openAt(clock)];
        const at = Date.now();
        await right.stores.promises.add([1, 2].map((id) => buildPromise({ id: promiseId(id), dueAt: at - 1_000 })));
        await right.queue.claim({ workerId: 'right', now: at, leaseMs: LEASE_MS, limit: 1 });
        const held = { status: 'in_progress', startedAt: at + aheadMs, expiresAt: at + aheadMs + LEASE_MS };
        const timesOf = async (storage: JobStorage) => {
          const promise = await storage.stores.promises.get(promiseId(1));
          return promise?.status === 'in_progress' ? { ...promise, expiresAt: promise.lease.expiresAt } : promise;
        };
        const read = await timesOf(wrong);
        expect(read).to.include({ status: held.status, version: 1 });
        for (const time of ['startedAt', 'expiresAt'] as const) expect(read).to.have.property(time).that.is.closeTo(held[time], 5_000);
        const health = await makeCheckHealth({ storage: wrong, clock })();
        expect(health.status, 'to the process with the wrong clock the promise is worked at').to.equal('healthy');
        const columns = () =>
          administer(url, async (client) => (await client.query('SELECT started_at, lease_expires_at FROM promises WHERE id = 1')).rows);
        const before = await columns();
        await wrong.unitOfWork.run(({ promises }) => promises.update([promiseId(1)], (stored) => stored));
        expect(await columns(), 'what is saved as it was read stays as it was').to.deep.equal(before);
        expect(await timesOf(right)).to.include({ startedAt: at, expiresAt: at + LEASE_MS, version: 2 });
      }));
});
