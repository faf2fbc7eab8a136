import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { makeBoss } from '../../../../src/adapters/postgres/jobs/boss.ts';
import { startReconciliation } from '../../../../src/adapters/postgres/jobs/reconciliation.ts';
import { promiseId } from '../../../../src/domain/index.ts';
import { isPortError, silentEngineNotices } from '../../../../src/ports/index.ts';
import { buildPromise, makeFixedClock, START } from '../../../../src/testing/index.ts';
import { type BossStorage, openBossStorage, openFreshBossStorage } from '../../../support/boss-storage.ts';
import { freshDatabase, startServer } from '../../../support/postgres.ts';

const claimFrom = ({ queue }: BossStorage, limit = 9) => queue.claim({ workerId: 'w1', now: START, leaseMs: 30_000, limit });

describe('The queue on pg-boss and PostgreSQL, when things go wrong', () => {
  it('keeps its claims while PostgreSQL is away, and works again afterwards', async function () {
    this.timeout(60_000);
    const server = await startServer();
    const { url } = await freshDatabase(server);
    const storage = await openBossStorage(url);
    try {
      await storage.stores.promises.add([buildPromise(), buildPromise({ id: promiseId(2) })]);
      await claimFrom(storage, 1);
      await server.kill();
      const refused = await claimFrom(storage).catch((error: unknown) => error);
      expect(isPortError(refused) && [refused.code, refused.retryable]).to.deep.equal(['unavailable', true]);
      await server.start();
      expect((await claimFrom(storage)).map(({ id }) => Number(id))).to.deep.equal([2]);
      expect(await storage.queue.stillLeased('w1', [promiseId(1), promiseId(2)])).to.have.length(2);
    } finally {
      await storage.close();
    }
  });

  it('rejects as unavailable without PostgreSQL, and names no password', async () => {
    const refused = await makeBoss({ url: 'postgres://kept:swordfish@127.0.0.1:1/kept' })
      .start()
      .catch((error: unknown) => error);
    expect(isPortError(refused) && [refused.code, refused.retryable]).to.deep.equal(['unavailable', true]);
    expect(String(refused)).to.not.contain('swordfish');
  });

  describe('with damaged tables', () => {
    let storage: BossStorage;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ subject: storage, close } = await openFreshBossStorage());
    });
    afterEach(() => close());

    it('gives each pending promise its lost job again, at the start and each minute', async () => {
      const { boss } = storage;
      await storage.stores.promises.add([1, 2, 3].map((id) => buildPromise({ id: promiseId(id) })));
      await boss.engine.deleteAllJobs('kept-analysis');
      expect(await claimFrom(storage)).to.deep.equal([]);

      const clock = makeFixedClock(START);
      const reconciliation = await startReconciliation({ boss, storage, clock, notice: silentEngineNotices });
      expect(await claimFrom(storage, 1)).to.have.length(1);

      await boss.engine.fetch('kept-analysis', { batchSize: 9 });
      expect(await claimFrom(storage)).to.deep.equal([]);
      clock.advance(60_000);
      await reconciliation.stop();
      expect(await claimFrom(storage)).to.have.length(2);
    });

    it('updates the queues of another version', async () => {
      const { engine: boss } = storage.boss;
      await boss.updateQueue('kept-code', { expireInSeconds: 60, retentionSeconds: 60 });
      const reopened = makeBoss({ url: storage.url });
      await reopened.start();
      const [queue] = await reopened.engine.getQueues(['kept-code']);
      expect(queue).to.include({ expireInSeconds: 86_399, retentionSeconds: 315_360_000 });
      await reopened.close();
    });
  });
});
