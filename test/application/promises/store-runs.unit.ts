import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { commandPromises } from '../../../src/application/promises/store-promises.ts';
import { openRunsOf, paidBeside, storeRest, uncounted } from '../../../src/application/promises/store-runs.ts';
import type { RunStep } from '../../../src/domain/agent/run-step.ts';
import { promiseId } from '../../../src/domain/index.ts';
import type { RunRecord } from '../../../src/ports/run-journal.ts';
import { buildPromise, buildRun, makeSeededRandomness, START } from '../../../src/testing/index.ts';
import { buildModelStep, usageOf } from '../../support/run-steps.ts';

const reply = (inputTokens: number): RunStep => buildModelStep({ usage: usageOf(inputTokens) });
const id = promiseId(1);
const run = buildRun('run-1', { promiseId: id, asked: [] });

/** A run of which an earlier process recorded the first steps, and of which so many are stored. */
const recordOf = (steps: readonly RunStep[], recorded: number, stored: number): RunRecord => ({
  run,
  recorded,
  steps: () => steps,
  isBegun: () => true,
  rest: () => ({ run, writer: 'w', from: stored, steps: steps.slice(stored) }),
});

describe('What a process has paid for a run', () => {
  it('beside its stored steps is what it paid without the replies that it made itself', () => {
    const record = recordOf([reply(100), reply(1)], 1, 2);
    expect(paidBeside(record, usageOf(3)), 'a call that failed').to.deep.equal(usageOf(2));
    expect(paidBeside(record, usageOf(3), 1), 'a reply that was not stored, too').to.deep.equal(usageOf(3));
  });

  it('is recorded with the replies that nobody has recorded, whoever made them', async () => {
    const record = recordOf([reply(100), reply(10), reply(1)], 2, 3);
    const usageAfter = async (counted: number) => (await uncounted({ countUsage: async () => counted }, record, usageOf(3))).usage;
    expect(await usageAfter(1)).to.deep.equal(usageOf(13));
    expect(await usageAfter(3), 'all are recorded').to.deep.equal(usageOf(2));
  });
});

describe('The last steps of a run', () => {
  it('are stored where there are any, and the run itself in any case', async () => {
    const appended: number[] = [];
    const { stores } = makeMemoryStorage();
    const journal = { ...stores.journal, append: async ({ from }: { readonly from: number }) => void appended.push(from) };
    const unit = { ...stores, journal };
    await storeRest(unit, recordOf([reply(1)], 0, 1));
    expect(appended).to.deep.equal([]);
    await storeRest(unit, recordOf([reply(1), reply(2)], 0, 1));
    await storeRest(unit, recordOf([], 0, 0));
    expect(appended).to.deep.equal([1, 0]);
  });
});

describe('The open runs of promises', () => {
  it('are read once the promises are locked, without those that have ended', async () => {
    const calls: string[] = [];
    const open = { ...run, steps: [], counted: 0 };
    const found = await openRunsOf(
      {
        promises: {
          update: async (ids: readonly unknown[]) => {
            calls.push(`lock ${ids.join()}`);
            return [];
          },
        },
        journal: {
          ofPromise: async (of: unknown) => {
            calls.push(`read ${of}`);
            return [open, { ...open, endedAt: START }];
          },
        },
      } as unknown as Parameters<typeof openRunsOf>[0],
      [id],
    );
    expect(calls).to.deep.equal(['lock 1', 'read 1']);
    expect(found.get(id)).to.deep.equal([open]);
  });

  it('end where a person asks for the promise again, and what they used is recorded', async () => {
    const { unitOfWork, stores } = makeMemoryStorage();
    const randomness = makeSeededRandomness(1);
    const command = (type: 'cancel' | 'retry') =>
      unitOfWork.run((within) =>
        commandPromises(within, new Map([[id, type === 'cancel' ? { type, at: START, reason: 'no' } : { type, at: START }]]), randomness),
      );
    await unitOfWork.run(({ promises }) => promises.add([buildPromise()]));
    expect((await command('cancel')).get(id)).to.have.property('ok', true);
    // As a version of before has left it.
    await unitOfWork.run(({ journal }) => journal.append({ run, writer: 'w', from: 0, steps: [reply(7)] }));
    expect((await command('retry')).get(id)).to.have.property('ok', true);
    expect(await stores.journal.ofPromise(id, 9)).to.have.nested.property('[0].endedAt', START);
    expect((await stores.turns.usage(run.chatId, 0)).inputTokens).to.equal(7);
  });
});
