import { strict as assert } from 'node:assert';
import type { LeaderLease } from '../ports/index.ts';
import type { Contract } from './contract.ts';

export interface LeaderLeaseSubject {
  readonly leaderLease: LeaderLease;
  /** Lets that much of the storage's time pass. */
  pass(ms: number): Promise<void>;
}

/** The law of `LeaderLease`. */
export const leaderLeaseContract: Contract<LeaderLeaseSubject> = {
  'gives the lease to one of many who claim it at once, and tells all who has it': async ({ leaderLease }) => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => leaderLease.claim(`bot ${i}`, 60_000)));
    assert.equal(new Set(answers.map(({ holder }) => holder)).size, 1);
    assert.ok(answers.every(({ lastsMs }) => lastsMs > 0 && lastsMs <= 60_000));
  },

  'renews the lease of its holder, and gives it to nobody else': async ({ leaderLease, pass }) => {
    await leaderLease.claim('first', 400);
    for (let i = 0; i < 3; i++) {
      await pass(200);
      assert.equal((await leaderLease.claim('first', 400)).holder, 'first');
      assert.equal((await leaderLease.claim('second', 400)).holder, 'first');
    }
  },

  'gives a lease that was not renewed to the next who claims it': async ({ leaderLease, pass }) => {
    await leaderLease.claim('first', 50);
    await pass(51);
    assert.equal((await leaderLease.claim('second', 60_000)).holder, 'second');
    assert.equal((await leaderLease.claim('first', 60_000)).holder, 'second');
  },

  'frees the lease at once when its holder resigns, and only then': async ({ leaderLease }) => {
    await leaderLease.claim('first', 60_000);
    await leaderLease.resign('second');
    assert.equal((await leaderLease.claim('second', 60_000)).holder, 'first');
    await leaderLease.resign('first');
    assert.equal((await leaderLease.claim('second', 60_000)).holder, 'second');
  },
};
