import { strict as assert } from 'node:assert';
import type { LeaderLease } from '../ports/index.ts';
import type { Contract } from './contract.ts';

export interface LeadershipSubject {
  readonly leadership: LeaderLease;
  /** Lets that much of the storage's time pass. */
  pass(ms: number): Promise<void>;
}

/** The law of `Leadership`. */
export const leadershipContract: Contract<LeadershipSubject> = {
  'gives the lease to one of many who claim it at once, and tells all who has it': async ({ leadership }) => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => leadership.claim(`bot ${i}`, 60_000)));
    assert.equal(new Set(answers.map(({ holder }) => holder)).size, 1);
    assert.ok(answers.every(({ lastsMs }) => lastsMs > 0 && lastsMs <= 60_000));
  },

  'renews the lease of its holder, and gives it to nobody else': async ({ leadership, pass }) => {
    await leadership.claim('first', 400);
    for (let i = 0; i < 3; i++) {
      await pass(200);
      assert.equal((await leadership.claim('first', 400)).holder, 'first');
      assert.equal((await leadership.claim('second', 400)).holder, 'first');
    }
  },

  'gives a lease that was not renewed to the next who claims it': async ({ leadership, pass }) => {
    await leadership.claim('first', 50);
    await pass(51);
    assert.equal((await leadership.claim('second', 60_000)).holder, 'second');
    assert.equal((await leadership.claim('first', 60_000)).holder, 'second');
  },

  'frees the lease at once when its holder resigns, and only then': async ({ leadership }) => {
    await leadership.claim('first', 60_000);
    await leadership.resign('second');
    assert.equal((await leadership.claim('second', 60_000)).holder, 'first');
    await leadership.resign('first');
    assert.equal((await leadership.claim('second', 60_000)).holder, 'second');
  },
};
