import { expect } from 'chai';
import { promiseId, type SettledPromise } from '../../../src/domain/index.ts';
import { outcomeKey, outcomeText, tellsOutcomeOf } from '../../../src/domain/promise/outcome.ts';
import { buildPromise, promiseAfter, START } from '../../../src/testing/index.ts';

const lease = { workerId: 'w1', attempt: 1 };
const started = promiseAfter(buildPromise(), { type: 'start', at: START, workerId: 'w1', leaseMs: 30_000 });
const settled = (command: Parameters<typeof promiseAfter>[1]): SettledPromise => promiseAfter(started, command) as SettledPromise;
const failure = (code: string, message: string) =>
  settled({ type: 'fail', at: START, ...lease, error: { code, message }, retryable: false, jitter: 0 });

describe('the outcome of a promise', () => {
  it('has words for each end', () => {
    expect(outcomeText(settled({ type: 'complete', at: START, ...lease, result: 'The 9:41.' }))).to.equal(
      'Promise #1 is kept: Compare the three timetables\n\nThe 9:41.',
    );
    expect(outcomeText(failure('timeout', 'It took too long.'))).to.equal(
      'Promise #1 failed: Compare the three timetables\n\nIt took too long.',
    );
    expect(outcomeText({ ...failure('timeout', 'It took too long.'), attempts: 3 })).to.match(/^Promise #1 failed after 3 attempts: /);
    expect(outcomeText(failure('could-not', 'There is no timetable.'))).to.equal(
      'Promise #1 could not be kept: Compare the three timetables\n\nThere is no timetable.\n\n/retry 1 tries it again.',
    );
    expect(outcomeText(settled({ type: 'cancel', at: START, reason: 'As you asked.' }))).to.equal(
      'Promise #1 is cancelled: Compare the three timetables\n\nAs you asked.',
    );
  });

  it('has one key for each time that the promise settles', () => {
    const stored = { ...failure('timeout', 'late'), version: 3 };
    const item = (dedupeKey: string) => ({ dedupeKey });
    expect(tellsOutcomeOf(item(outcomeKey(stored.id, 2)), stored)).to.equal(true);
    expect(tellsOutcomeOf(item(`${outcomeKey(stored.id, 2)}:turn-7`), stored), 'sent again').to.equal(true);
    expect(tellsOutcomeOf(item(outcomeKey(stored.id, 1)), stored), 'before a retry by hand').to.equal(false);
    expect(tellsOutcomeOf(item(outcomeKey(stored.id, 20)), stored), 'a number that begins alike').to.equal(false);
    expect(tellsOutcomeOf(item(outcomeKey(promiseId(11), 2)), stored)).to.equal(false);
    expect(tellsOutcomeOf(item(outcomeKey(started.id, started.version - 1)), started), 'not settled').to.equal(false);
  });
});
