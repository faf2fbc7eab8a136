import { expect } from 'chai';
import { type LeasedPromise, promiseId, type TaskType } from '../../../src/domain/index.ts';
import {
  afterCheck,
  afterFailedRenewal,
  afterRenewal,
  awaitingRenewal,
  dueRuns,
  expiredRuns,
  freeSlots,
  freeSlotsOf,
  type LeasedRun,
  newRun,
  nextAbortAt,
  RENEWAL_ANSWER_MS,
  runsAtWork,
} from '../../../src/domain/promise/lease-table.ts';
import { buildPromise, promiseAfter, START } from '../../../src/testing/index.ts';

const LEASE_MS = 30_000;
const run = (id: number, over: Partial<LeasedRun> = {}, taskType: TaskType = 'analysis'): LeasedRun => {
  const promise = buildPromise({ id: promiseId(id), taskType });
  const start = { type: 'start', at: START, workerId: 'w1', leaseMs: LEASE_MS } as const;
  return { ...newRun(promiseAfter(promise, start) as LeasedPromise), ...over };
};
const ids = (runs: readonly LeasedRun[]) => runs.map(({ promise }) => promise.id);
const expired = { leasedUntil: START, abortAt: START };
const executed = { isExecuted: true };
const lost = { isLost: true };

describe('the leases of a worker', () => {
  it('are held from the claim until they expire', () => {
    expect(run(1)).to.include({ leasedUntil: START + LEASE_MS, abortAt: START + LEASE_MS, isExecuted: false, isLost: false });
    expect(ids(expiredRuns([run(1)], START + LEASE_MS - 1))).to.deep.equal([]);
    expect(ids(expiredRuns([run(1)], START + LEASE_MS))).to.deep.equal([1]);
    expect(ids(expiredRuns([run(1, lost)], START + LEASE_MS))).to.deep.equal([]);
  });

  it('count as work until the work is done or the lease is lost', () => {
    expect(ids(runsAtWork([run(1), run(2, executed), run(3, lost)]))).to.deep.equal([1]);
  });

  const slots: readonly [title: string, runs: readonly LeasedRun[], free: number][] = [
    ['none runs', [], 2],
    ['one runs', [run(1)], 1],
    ['all run', [run(1), run(2)], 0],
    ['one is recorded', [run(1, executed)], 2],
    ['one runs and one is recorded', [run(1), run(2, executed)], 1],
    ['a lost one has not ended', [run(1, lost), run(2)], 0],
    ['as many ends wait as may run', [run(1, executed), run(2, executed)], 2],
    ['more ends wait than may run', [run(1, executed), run(2, executed), run(3, executed)], 1],
    ['twice as many ends wait', [1, 2, 3, 4].map((id) => run(id, executed)), 0],
  ];
  for (const [title, runs, free] of slots)
    it(`leave ${free} of 2 slots where ${title}`, () => {
      expect(freeSlots(runs, 2)).to.equal(free);
    });

  it('leave slots by type only where a type has a limit', () => {
    const runs = [run(1, {}, 'code'), run(2, {}, 'code'), run(3, executed, 'search'), run(4, {}, 'analysis')];
    expect(freeSlotsOf(runs, {})).to.deep.equal({});
    expect(freeSlotsOf(runs, { code: 1, search: 1 })).to.deep.equal({ code: 0, search: 1 });
  });

  it('are lost where the storage does not know them any more, unless only the end is to be recorded', () => {
    const { kept, lost: gone } = afterCheck([run(1), run(2), run(3, executed)], [promiseId(1)]);
    expect([ids(kept), ids(gone)]).to.deep.equal([[1, 3], [2]]);
  });

  it('wait for an answer about expired leases, and no longer than that', () => {
    const now = START + 5;
    const [first, second] = awaitingRenewal([run(1, expired), run(2)], now);
    expect(first).to.include({ leasedUntil: START, abortAt: now + RENEWAL_ANSWER_MS });
    expect(second?.abortAt).to.equal(START + LEASE_MS);
  });

  it('last as long again from the request on, where the storage has renewed them', () => {
    const now = START + 10_000;
    const runs = [run(1), run(2, expired), run(3), run(4, executed)];
    const { kept, lost: gone } = afterRenewal(runs, [1, 2].map(promiseId), now, LEASE_MS);
    expect(ids(gone)).to.deep.equal([3]);
    expect(kept.map(({ leasedUntil }) => leasedUntil)).to.deep.equal([now + LEASE_MS, now + LEASE_MS, START + LEASE_MS]);
    expect(kept.map(({ abortAt }) => abortAt)).to.deep.equal([now + LEASE_MS, now + LEASE_MS, START + LEASE_MS]);
  });

  it('are lost where the storage did not answer and they have expired', () => {
    const { kept, lost: gone } = afterFailedRenewal([run(1), run(2, expired), run(3, { ...expired, ...executed })], START + 1);
    expect([ids(kept), ids(gone)]).to.deep.equal([[1], [2, 3]]);
  });

  it('abort a run in time, and ask first where the timer comes so late that this process was suspended', () => {
    const due = (now: number, ...runs: LeasedRun[]) => {
      const found = dueRuns(runs, now);
      return { lost: ids(found.lost), unsure: ids(found.unsure) };
    };
    const at = START + LEASE_MS;
    expect(due(at - 1, run(1))).to.deep.equal({ lost: [], unsure: [] });
    expect(due(at, run(1), run(2, lost))).to.deep.equal({ lost: [1], unsure: [] });
    expect(due(at + RENEWAL_ANSWER_MS - 1, run(1))).to.deep.equal({ lost: [1], unsure: [] });
    expect(due(at + RENEWAL_ANSWER_MS, run(1))).to.deep.equal({ lost: [], unsure: [1] });
  });

  it('name the next time at which a held run is aborted', () => {
    expect(nextAbortAt([])).to.equal(undefined);
    expect(nextAbortAt([run(1), run(2, { abortAt: START + 7 }), run(3, { abortAt: START, isLost: true })])).to.equal(START + 7);
    expect(nextAbortAt([run(1, lost)])).to.equal(undefined);
  });
});
