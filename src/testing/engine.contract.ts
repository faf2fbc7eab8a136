import { strict as assert } from 'node:assert';
import type { Engine } from '../ports/index.ts';
import { buildPromise } from './builders.ts';
import type { Contract } from './contract.ts';
import { portFailure } from './port-failure.ts';

/** The law of `Engine`. */
export const engineContract: Contract<Engine> = {
  'its change feed tells of a commit to its storage': async ({ storage, changes }) => {
    const hinted = new Promise<void>((resolve) => {
      const unsubscribe = changes().subscribe(async () => {
        if ((await storage.stores.promises.stats()).pending === 0) return;
        unsubscribe();
        resolve();
      });
    });
    await storage.stores.promises.add([buildPromise()]);
    await hinted;
  },

  '`changes` gives the same feed at each call': async ({ changes }) => {
    assert.equal(changes(), changes());
  },

  'its storage hands out promises while maintenance runs': async ({ storage, startMaintenance }) => {
    await startMaintenance();
    await startMaintenance();
    await storage.stores.promises.add([buildPromise({ dueAt: Date.now() - 60_000 })]);
    assert.equal((await storage.queue.claim({ workerId: 'w1', now: Date.now(), leaseMs: 30_000, limit: 1 })).length, 1);
  },

  'stores what was asked for before `close`, and refuses with `unavailable` what comes after': async ({ storage, changes, close }) => {
    changes().subscribe(() => undefined);
    const { promises } = storage.stores;
    const added = promises.add([buildPromise()]);
    const closed = close();
    await assert.rejects(promises.markDelivered(buildPromise().id, 1), portFailure('unavailable'));
    await Promise.all([added, closed, close()]);
  },
};
