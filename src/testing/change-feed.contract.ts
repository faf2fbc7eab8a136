import { strict as assert } from 'node:assert';
import type { ChangeFeed } from '../ports/index.ts';
import type { Contract } from './contract.ts';

/** The law of `ChangeFeed`, in real time. */
export const changeFeedContract: Contract<ChangeFeed> = {
  'hints about once a second even if nothing changes': async (feed) => {
    const begun = performance.now();
    await new Promise<void>((resolve) => {
      let hints = 0;
      const unsubscribe = feed.subscribe(() => {
        if (++hints < 2) return;
        unsubscribe();
        resolve();
      });
    });
    assert.ok(performance.now() - begun < 3_000, 'two hints came within two seconds, give or take one');
  },

  'calls every listener, and none after it has unsubscribed': async (feed) => {
    let hints = 0;
    const unsubscribe = feed.subscribe(() => hints++);
    unsubscribe();
    await Promise.all([1, 2].map(() => new Promise<void>((resolve) => feed.subscribe(resolve))));
    assert.equal(hints, 0);
  },
};
