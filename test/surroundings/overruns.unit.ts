import { expect } from 'chai';
import { promiseId } from '../../src/domain/index.ts';
import type { Run } from '../support/promise-crew.ts';
import { checkOverruns, overrunsOf } from '../support/promise-verdict.ts';

const run = (of: Partial<Run>): Run => ({
  id: promiseId(1),
  attempt: 1,
  startedAt: 0,
  leasedUntil: 10_000,
  hasEffect: false,
  heldUpMs: 0,
  worker: {},
  ...of,
});
const judged = (before: Partial<Run>) => () => checkOverruns(overrunsOf([run(before), run({ attempt: 2, startedAt: 10_000 })]));
const endedAt = (at: number): Partial<Run> => ({ ended: { how: 'aborted', at } });

describe('The verdict on a run that went on beside the next one', () => {
  it('allows a second, and no more where its worker was not held up', () => {
    expect(judged(endedAt(11_000))).not.to.throw();
    expect(judged({ ...endedAt(11_001), heldUpMs: 100 })).to.throw(/went on for 1001 ms/);
    expect(judged({})).to.throw(/went on for/);
  });

  it('allows for as long as its worker was held up, and for the answer of the storage', () => {
    expect(judged({ ...endedAt(13_500), heldUpMs: 500 })).not.to.throw();
    expect(judged({ ...endedAt(13_501), heldUpMs: 500 })).to.throw(/went on for 3501 ms/);
  });

  it('takes a worker that was killed for still when it was heard of no more', () => {
    expect(judged({ worker: { heardAt: 9_000, killedAt: 15_000 } })).not.to.throw();
    expect(judged({ worker: { heardAt: 14_900, killedAt: 15_000 } })).to.throw(/went on for 5000 ms/);
  });
});
