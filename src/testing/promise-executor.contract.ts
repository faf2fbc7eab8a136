import { strict as assert } from 'node:assert';
import { addUsage, type LeasedPromise, NO_USAGE, type Usage } from '../domain/index.ts';
import { isPortError, type PromiseExecutor, type WorkResult } from '../ports/index.ts';
import type { Contract } from './contract.ts';

/** An executor under test, with promises that make it do one thing each. */
export interface ExecutorUnderTest {
  readonly executor: PromiseExecutor;
  /** Its work succeeds, any number of times. */
  readonly succeeding: () => LeasedPromise;
  /** Its work can't be done, and to try again is no use. */
  readonly impossible: () => LeasedPromise;
  /** Its work fails now, and may succeed later. */
  readonly busy: () => LeasedPromise;
  /** Its work does not end by itself within ten seconds. */
  readonly endless: () => LeasedPromise;
}

const execute = async (
  executor: PromiseExecutor,
  promise: LeasedPromise,
): Promise<{ readonly result: WorkResult; readonly told: Usage }> => {
  let told = NO_USAGE;
  const result = await executor.execute(promise, {
    signal: new AbortController().signal,
    progress: (text) => assert.ok(text.trim() !== '', 'progress has words'),
    onUsage: (usage) => {
      told = addUsage(told, usage);
    },
  });
  return { result, told };
};

const failureOf = async (
  executor: PromiseExecutor,
  promise: LeasedPromise,
): Promise<{ readonly retryable: boolean; readonly message: string }> => {
  const failure = await execute(executor, promise).then(
    () => assert.fail('the work did not fail'),
    (error: unknown) => error,
  );
  assert.ok(isPortError(failure), 'it rejects with PortError');
  return failure;
};

/** The law of `PromiseExecutor`, in real time. */
export const promiseExecutorContract: Contract<ExecutorUnderTest> = {
  'resolves to a result in words, and to all that the work has used': async ({ executor, succeeding }) => {
    const { result, told } = await execute(executor, succeeding());
    assert.ok(result.text.trim() !== '');
    for (const [name, count] of Object.entries(result.usage) as [keyof Usage, number][]) {
      assert.ok(Number.isInteger(count) && count >= 0, `${name} is no count`);
      assert.ok(count >= told[name], `${name}: less than was told while it worked`);
    }
    if (result.model !== undefined) assert.ok(result.model.trim() !== '');
  },

  'does the work again if the promise is executed again': async ({ executor, succeeding }) => {
    const promise = succeeding();
    for (let run = 0; run < 2; run++) assert.ok((await execute(executor, promise)).result.text.trim() !== '');
  },

  'needs nobody to listen to what it uses': async ({ executor, succeeding }) => {
    const { signal } = new AbortController();
    assert.ok((await executor.execute(succeeding(), { signal, progress: () => undefined })).text.trim() !== '');
  },

  'rejects for good, with a reason, if the work can not be done': async ({ executor, impossible }) => {
    const { retryable, message } = await failureOf(executor, impossible());
    assert.equal(retryable, false);
    assert.ok(message.trim() !== '');
  },

  'rejects as retryable if the work may succeed later': async ({ executor, busy }) => {
    assert.equal((await failureOf(executor, busy())).retryable, true);
  },

  'rejects soon after its signal aborts': async ({ executor, endless }) => {
    const abort = new AbortController();
    const work = executor.execute(endless(), { signal: abort.signal, progress: () => undefined });
    setTimeout(() => abort.abort(), 100);
    const begun = performance.now();
    await assert.rejects(work, isPortError);
    assert.ok(performance.now() - begun < 5_000, 'it ends within five seconds');
  },

  'rejects if its signal has aborted before': async ({ executor, endless }) => {
    await assert.rejects(executor.execute(endless(), { signal: AbortSignal.abort(), progress: () => undefined }), isPortError);
  },
};
