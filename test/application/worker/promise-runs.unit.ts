import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { earlierActsNote, makePromiseRuns } from '../../../src/application/worker/promise-run.ts';
import type { RunStep } from '../../../src/domain/agent/run-step.ts';
import type { LeasedPromise } from '../../../src/domain/index.ts';
import {
  buildPromise,
  makeFixedClock,
  makeRecordingEvents,
  makeSeededRandomness,
  promiseAfter,
  START,
} from '../../../src/testing/index.ts';

const running = new AbortController().signal;
const promise = promiseAfter(buildPromise(), { type: 'start', at: START, workerId: 'w', leaseMs: 1_000 }) as LeasedPromise;
const acted = (n: number): RunStep => ({
  kind: 'tool',
  at: START,
  durationMs: 1,
  call: 0,
  tool: 'send',
  effect: 'acts',
  input: { n },
  output: `sent ${n}`,
  isError: false,
  outcome: 'done',
});

describe('The runs of a promise', () => {
  const stage = () => {
    const { stores } = makeMemoryStorage();
    const [clock, events] = [makeFixedClock(), makeRecordingEvents()];
    const runs = makePromiseRuns({ journal: stores.journal, randomness: makeSeededRandomness(1), clock, events });
    /** An attempt that records these steps; with `isLast`, its promise ends with it. */
    const attempt = async (steps: readonly RunStep[], isLast: boolean): Promise<string> => {
      const run = await runs.open(promise, running);
      for (const step of steps) run.add(step);
      await run.flush(running);
      if (isLast) await stores.journal.end(run.run.id, START);
      return run.run.id;
    };
    return { runs, attempt };
  };
  it('go on over a failure that passes', async () => {
    const { runs, attempt } = stage();
    const id = await attempt([acted(1)], false);
    const next = await runs.open(promise, running);
    expect(next.run.id).to.equal(id);
    expect(next.steps()).to.deep.equal([acted(1)]);
    expect(earlierActsNote(next)).to.deep.equal([]);
  });

  it('begin anew where its promise has ended, and are told what tools did before', async () => {
    const { runs, attempt } = stage();
    const id = await attempt([acted(1)], true);
    const next = await runs.open(promise, running);
    expect(next.run.id).to.not.equal(id);
    expect(next.steps()).to.deep.equal([]);
    expect(JSON.stringify(earlierActsNote(next))).to.include('sent 1');
  });

  it('are told the last twenty acts of earlier ones', async () => {
    const { runs, attempt } = stage();
    await attempt(
      Array.from({ length: 25 }, (_, n) => acted(n)),
      true,
    );
    const { earlierActs } = await runs.open(promise, running);
    expect(earlierActs.map(({ output }) => output)).to.deep.equal(Array.from({ length: 20 }, (_, n) => `sent ${n + 5}`));
  });
});
