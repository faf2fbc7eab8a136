import { expect } from 'chai';
import { describe, it } from 'mocha';
import { type AgentPromise, promiseId } from '../../../../src/domain/index.ts';
import { buildPromise, carryOut, promiseAfter, START } from '../../../../src/testing/index.ts';
import { type BossStorage, openBossStorage } from '../../../support/boss-storage.ts';
import { freshDatabase } from '../../../support/postgres.ts';

const LEASE_MS = 30_000;
const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const idsOf = (promises: readonly AgentPromise[]) => promises.map(({ id }) => Number(id));

/** As many processes as workers: each with its own connections, and its own pg-boss. */
const withWorkers = async (count: number, use: (workers: readonly BossStorage[]) => Promise<void>): Promise<void> => {
  const database = await freshDatabase();
  const workers = await Promise.all(range(count).map(() => openBossStorage(database.url)));
  try {
    await use(workers);
  } finally {
    for (const worker of workers) await worker.close();
    await database.drop();
  }
};

describe('Workers on pg-boss and PostgreSQL', () => {
  it('never share a promise, and complete all of them, when four claim in parallel', () =>
    withWorkers(4, async (workers) => {
      const [maker] = workers as [BossStorage];
      const types = ['code', 'search', 'analysis'] as const;
      await maker.stores.promises.add(
        range(400).map((id) => buildPromise({ id: promiseId(id), taskType: types[id % 3] ?? 'code', tenant: `tenant ${id % 7}` })),
      );
      const drain = async ({ queue, unitOfWork }: BossStorage, workerId: string): Promise<number[]> => {
        const done: number[] = [];
        for (;;) {
          const batch = await queue.claim({ workerId, now: START, leaseMs: LEASE_MS, limit: 7 });
          if (batch.length === 0 && (await queue.nextDueAt()) !== START) return done;
          await unitOfWork.run(({ promises }) =>
            promises.update(
              batch.map(({ id }) => id),
              (promise) => promiseAfter(promise, { type: 'complete', at: START, workerId, attempt: 1, result: workerId }),
            ),
          );
          done.push(...idsOf(batch));
        }
      };
      const done = await Promise.all(workers.map((worker, i) => drain(worker, `w${i}`)));
      expect(done.flat().toSorted((a, b) => a - b)).to.deep.equal(range(400));
      expect((await maker.stores.promises.stats()).completed).to.equal(400);
      expect(await maker.sql.read('SELECT id FROM pgboss.job')).to.deep.equal([]);
    }));

  it('take over the promises of a dead worker once its leases have run out', () =>
    withWorkers(2, async ([first, second]) => {
      const other = second as BossStorage;
      await other.stores.promises.add(range(3).map((id) => buildPromise({ id: promiseId(id) })));
      expect(await first?.queue.claim({ workerId: 'w1', now: START, leaseMs: LEASE_MS, limit: 9 })).to.have.length(3);
      const claim = (now: number) => other.queue.claim({ workerId: 'w2', now, leaseMs: LEASE_MS, limit: 9 });
      expect(await claim(START + LEASE_MS - 1)).to.deep.equal([]);
      expect(await other.queue.nextDueAt()).to.equal(START + LEASE_MS);
      const taken = await claim(START + LEASE_MS);
      expect(taken.map(({ id, attempts, lostLeases }) => [Number(id), attempts, lostLeases])).to.deep.equal(
        [1, 2, 3].map((id) => [id, 2, 1]),
      );
      await other.stores.promises.update(
        taken.map(({ id }) => id),
        (promise) => promiseAfter(promise, { type: 'complete', at: START, workerId: 'w2', attempt: 2, result: 'done' }),
      );
      expect(await other.sql.read('SELECT id FROM pgboss.job')).to.deep.equal([]);
    }));

  it('neither deadlock with cancellations nor lose a promise', () =>
    withWorkers(2, async ([first, second]) => {
      const { promises } = (first as BossStorage).stores;
      await promises.add(range(100).map((id) => buildPromise({ id: promiseId(id) })));
      const cancel = (id: number) =>
        (first as BossStorage).unitOfWork.run(async (stores) => {
          await carryOut(stores.promises, promiseId(id), { type: 'cancel', at: START, reason: 'no need' });
        });
      const claim = () => (second as BossStorage).queue.claim({ workerId: 'w2', now: START, leaseMs: LEASE_MS, limit: 10 });
      const began = performance.now();
      await Promise.all([...range(100).map(cancel), ...range(10).map(claim)]);
      // PostgreSQL finds a deadlock after a second.
      expect(performance.now() - began).to.be.below(1_000);
      expect((await promises.stats()).cancelled).to.equal(100);
      expect(await (first as BossStorage).sql.read('SELECT id FROM pgboss.job')).to.deep.equal([]);
    }));
});
