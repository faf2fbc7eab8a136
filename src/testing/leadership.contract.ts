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
  'of many who ask at once, one leads, and all are told who': async ({ leadership }) => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => leadership.claim(`bot ${i}`, 60_000)));
    assert.equal(new Set(answers.map(({ holder }) => holder)).size, 1);
    assert.ok(answers.every(({ lastsMs }) => lastsMs > 0 && lastsMs <= 60_000));
  },

  'who leads keeps the lead by asking again, and nobody else gets it': async ({ leadership, pass }) => {
    await leadership.claim('first', 400);
    for (let i = 0; i < 3; i++) {
      await pass(200);
      assert.equal((await leadership.claim('first', 400)).holder, 'first');
      assert.equal((await leadership.claim('second', 400)).holder, 'first');
    }
  },

  'a lead that is not renewed runs out, and the next who asks has it': async ({ leadership, pass }) => {
    await leadership.claim('first', 50);
    await pass(51);
    assert.equal((await leadership.claim('second', 60_000)).holder, 'second');
    assert.equal((await leadership.claim('first', 60_000)).holder, 'second');
  },

  'who resigns leaves it free at once; who does not lead resigns from nothing': async ({ leadership }) => {
    await leadership.claim('first', 60_000);
    await leadership.resign('second');
    assert.equal((await leadership.claim('second', 60_000)).holder, 'first');
    await leadership.resign('first');
    assert.equal((await leadership.claim('second', 60_000)).holder, 'second');
  },
};
