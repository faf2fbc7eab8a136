import { expect } from 'chai';
import fc from 'fast-check';
import { type PromiseId, promiseId } from '../../../src/domain/index.ts';
import { checkDependencies, parentsVerdict } from '../../../src/domain/promise/dependencies.ts';
import { buildPromise, promiseAfter, START } from '../../../src/testing/index.ts';

const batch = (edges: Record<number, number[]>) =>
  Object.entries(edges).map(([id, dependsOn]) => ({ id: promiseId(id), dependsOn: dependsOn.map(promiseId) }));
const check = (edges: Record<number, number[]>, existing: readonly number[] = []) =>
  checkDependencies(batch(edges), (id) => existing.includes(id));

describe('what a batch of promises depends on', () => {
  it('may be parents in the batch, in any order, and parents that exist', () => {
    expect(check({ 5: [6, 3], 6: [], 7: [5, 6] }, [3])).to.deep.equal({ ok: true, value: undefined });
    expect(check({})).to.deep.equal({ ok: true, value: undefined });
  });

  it('is refused when a parent is unknown, naming that one', () => {
    const result = check({ 5: [3], 6: [4] }, [3]);
    expect(result.ok).to.equal(false);
    expect(result).to.have.nested.property('error.code', 'promise/unknown-parent');
    expect(result).to.have.nested.property('error.message', 'there is no promise #4 in this chat');
  });

  it('is refused when promises wait for each other, naming the way round', () => {
    expect(check({ 1: [1] })).to.have.nested.property('error.message', 'promises wait for each other: #1 → #1');
    expect(check({ 9: [1], 1: [2], 2: [3], 3: [1] })).to.have.nested.property(
      'error.message',
      'promises wait for each other: #1 → #2 → #3 → #1',
    );
    expect(check({ 1: [2], 2: [1] })).to.have.nested.property('error.code', 'promise/cycle');
  });

  it('may come together again: a diamond is no cycle', () => {
    expect(check({ 1: [], 2: [1], 3: [1], 4: [2, 3] }).ok).to.equal(true);
  });

  it('is accepted exactly when the promises can be put in an order in which each comes after its parents', () => {
    const graphs = fc.array(fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(graphs, (graph) => {
        const made = graph.map((dependsOn, i) => ({
          id: promiseId(i + 1),
          dependsOn: dependsOn.filter((parent) => parent <= graph.length).map(promiseId),
        }));
        expect(checkDependencies(made, () => false).ok).to.equal(canBeOrdered(made));
      }),
    );
  });
});

const canBeOrdered = (made: readonly { id: PromiseId; dependsOn: readonly PromiseId[] }[]): boolean => {
  const placed = new Set<PromiseId>();
  for (let before = -1; before < placed.size; ) {
    before = placed.size;
    for (const { id, dependsOn } of made) if (dependsOn.every((parent) => placed.has(parent))) placed.add(id);
  }
  return placed.size === made.length;
};

describe("what a waiting promise's parents mean for it", () => {
  const start = { type: 'start', at: START, workerId: 'w1', leaseMs: 1_000 } as const;
  const pending = buildPromise();
  const running = promiseAfter(pending, start);
  const completed = promiseAfter(running, { type: 'complete', at: START, workerId: 'w1', attempt: 1, result: 'done' });
  const cancelled = promiseAfter(buildPromise({ id: promiseId(2), description: 'Book the seats' }), {
    type: 'cancel',
    at: START,
    reason: 'r',
  });
  const failed = promiseAfter(promiseAfter(buildPromise({ id: promiseId(3), description: 'x'.repeat(100) }), start), {
    type: 'fail',
    at: START,
    workerId: 'w1',
    attempt: 1,
    error: { code: 'c', message: 'm' },
    retryable: false,
    jitter: 0,
  });

  it('is to wait while one is not completed', () => {
    for (const other of [pending, running, buildPromise({ dependsOn: [promiseId(9)] })])
      expect(parentsVerdict([completed, other])).to.deep.equal({ kind: 'wait' });
  });

  it('is to be released when all are completed', () => {
    expect(parentsVerdict([completed, completed])).to.deep.equal({ kind: 'release' });
  });

  it('is to be abandoned as soon as one failed or was cancelled, whatever the others do, naming it', () => {
    expect(parentsVerdict([running, cancelled])).to.deep.equal({
      kind: 'abandon',
      error: { code: 'promise/parent-failed', message: 'it depends on promise #2 (Book the seats), which was cancelled' },
    });
    const verdict = parentsVerdict([completed, failed]);
    expect(verdict).to.have.nested.property('error.message', `it depends on promise #3 (${'x'.repeat(57)}…), which failed`);
  });
});
