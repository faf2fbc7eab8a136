import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { makeCommandExecutor, runChild } from '../../../src/adapters/child-process/index.ts';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { systemClock, systemRandomness } from '../../../src/adapters/system/index.ts';
import { makePromiseWorker } from '../../../src/application/worker/run-promises.ts';
import { type LeasedPromise, NO_USAGE, promiseId } from '../../../src/domain/index.ts';
import { isPortError, silentEvents } from '../../../src/ports/index.ts';
import { buildPromise, carryOut, promiseAfter, workResult } from '../../../src/testing/index.ts';
import { until } from '../../support/chat-api.ts';

const env = { PATH: '/usr/bin:/bin' };
const never = new AbortController().signal;
/** A grandchild that does not hear SIGTERM, under a child that does not either. */
const DEAF = `trap '' TERM; (trap '' TERM; sh -c 'trap "" TERM; echo $$ >grandchild; while :; do sleep 0.05; done') & echo $$ >child; wait`;

const isAlive = async (pid: number): Promise<boolean> => {
  try {
    // Nobody may be there to bury an orphan: what has ended counts, not whether it was taken note of.
    const status = await readFile(`/proc/${pid}/stat`, 'utf8');
    return !/\) [ZX] /.test(status);
  } catch {
    return false;
  }
};

const failureOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isPortError(error)) throw new Error('it did not fail as it should', { cause: error });
  return { code: error.code, retryable: error.retryable, message: error.message };
};

describe('child processes', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kept-child-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const shell = (script: string, rest: Partial<Parameters<typeof runChild>[0]> = {}) =>
    runChild({ command: '/bin/sh', args: ['-c', script], cwd: dir, env, signal: never, graceMs: 200, ...rest });
  const pidIn = (name: string) =>
    until(`${name} runs`, async () => existsSync(join(dir, name)) && Number(await readFile(join(dir, name), 'utf8')), 10_000);
  const family = async () => [await pidIn('child'), await pidIn('grandchild')];
  const living = async (pids: readonly number[]) => (await Promise.all(pids.map(isAlive))).filter(Boolean).length;

  it('gives input, and takes output, exit code and what was said on the side', async () => {
    const lines: string[] = [];
    const end = await shell('cat; echo first >&2; echo "in $PWD" >&2; exit 3', { input: 'héllo', onErrorLine: (line) => lines.push(line) });
    expect(end).to.deep.equal({ exitCode: 3, stdout: 'héllo', isCut: false, stderr: `first\nin ${dir}\n` });
    expect(lines.at(-1)).to.equal(`in ${dir}`);
  });

  it('invariant 4: sees nothing of this process’s environment', async () => {
    process.env.KEPT_TEST_MARK = 'open-sesame';
    try {
      expect((await shell('env')).stdout).not.to.include('open-sesame');
    } finally {
      delete process.env.KEPT_TEST_MARK;
    }
  });

  it('keeps no more output than it should, and lets the command go on', async () => {
    const { stdout, isCut, exitCode } = await shell('yes x | head -c 3000000; exit 4', { maxOutputLength: 10 });
    expect({ stdout, isCut, exitCode }).to.deep.equal({ stdout: 'x\nx\nx\nx\nx\n', isCut: true, exitCode: 4 });
  });

  it('a command that does not read its input, or ends by a signal, is an end like any other', async () => {
    expect(await shell('exit 0', { input: 'x'.repeat(1_000_000) })).to.include({ exitCode: 0 });
    expect(await shell('kill -9 $$')).not.to.have.property('exitCode');
  });

  it('what can not be started is refused', async () => {
    expect(await failureOf(runChild({ command: join(dir, 'absent'), signal: never }))).to.include({
      code: 'invalid-request',
      retryable: false,
    });
    expect(await failureOf(runChild({ command: '/bin/sh', signal: AbortSignal.abort() }))).to.include({ code: 'aborted' });
  });

  it('resolves to an abort only when the whole family is gone, also one that ignores SIGTERM', async () => {
    const abort = new AbortController();
    const run = failureOf(shell(DEAF, { signal: abort.signal }));
    const pids = await family();
    expect(await living(pids)).to.equal(2);
    abort.abort();
    expect(await run).to.include({ code: 'aborted', retryable: true });
    expect(await living(pids)).to.equal(0);
  });

  it('lets a command that hears SIGTERM clean up', async () => {
    const abort = new AbortController();
    const run = failureOf(
      shell(`trap 'echo tidy >tidied; exit 0' TERM; echo $$ >child; while :; do sleep 0.02; done`, {
        signal: abort.signal,
        graceMs: 5_000,
      }),
    );
    await pidIn('child');
    abort.abort();
    await run;
    expect(existsSync(join(dir, 'tidied'))).to.equal(true);
  });

  it('ends what a command leaves behind in the background', async () => {
    const { stdout } = await shell(`(trap '' TERM; echo $BASHPID; while :; do sleep 0.05; done) & echo $! >child; echo done`);
    expect(stdout).to.include('done');
    expect(await living([await pidIn('child')])).to.equal(0);
  });

  it('does not wait for one that has left its family and holds on to its output', async () => {
    const { stdout } = await shell("setsid sh -c 'echo $$ >child; exec sleep 30' & until [ -s child ]; do sleep 0.01; done; echo done");
    expect(stdout).to.equal('done\n');
    process.kill(await pidIn('child'), 'SIGKILL');
  });

  it('when this process is killed, the family ends with it', async () => {
    const runner = fork(new URL('../../support/child-runner.ts', import.meta.url), [DEAF, dir], { stdio: 'ignore' });
    const pids = await family();
    expect(await living(pids)).to.equal(2);
    runner.kill('SIGKILL');
    await once(runner, 'close');
    await until('the family is gone', async () => (await living(pids)) === 0, 10_000);
  });

  describe('as an executor', () => {
    const leased = (terms: Parameters<typeof buildPromise>[0] = {}) =>
      promiseAfter(buildPromise(terms), { type: 'start', at: Date.now(), workerId: 'w', leaseMs: 1_000 }) as LeasedPromise;
    const told: string[] = [];
    const options = { signal: never, progress: (text: string) => void told.push(text) };
    const executor = (script: string) =>
      makeCommandExecutor({ commands: { analysis: { command: '/bin/sh', args: ['-c', script], cwd: dir, env, graceMs: 200 } } });

    it('the description goes in, the result comes out, and what is said on the side is progress', async () => {
      const result = await executor('echo "working on $PROMISE_ID" >&2; tr a-z A-Z; echo " ($PROMISE_ATTEMPT)"').execute(leased(), options);
      expect(result).to.deep.equal({ text: 'COMPARE THE THREE TIMETABLES (1)', usage: NO_USAGE });
      expect(told).to.deep.equal(['working on 1']);
      expect((await executor('true').execute(leased(), options)).text).to.equal('Done.');
    });

    for (const [script, expected] of [
      [
        'echo "no such table" >&2; exit 1',
        { code: 'invalid-request', retryable: false, message: '/bin/sh failed with exit code 1: no such table' },
      ],
      ['exit 75', { code: 'unavailable', retryable: true, message: '/bin/sh failed with exit code 75.' }],
      ['kill -9 $$', { code: 'invalid-request', retryable: false, message: '/bin/sh was ended by a signal.' }],
    ] as const)
      it(`\`${script}\` fails${expected.retryable ? ', and is to be tried again' : ' for good'}`, async () => {
        expect(await failureOf(executor(script).execute(leased(), options))).to.deep.equal(expected);
      });

    it('a type without a command goes to another executor, or fails', async () => {
      const promise = leased({ taskType: 'code' });
      expect(await failureOf(executor('true').execute(promise, options))).to.include({ code: 'invalid-request', retryable: false });
      const otherwise = { execute: async () => workResult('by another') };
      expect((await makeCommandExecutor({ commands: {}, otherwise }).execute(promise, options)).text).to.equal('by another');
    });

    /**
     * A worker that runs `DEAF` for promise 1, until `end` is done to it; afterwards nothing of the family may live.
     */
    const endedBy = async (
      end: (stage: {
        readonly storage: ReturnType<typeof makeMemoryStorage>;
        readonly worker: ReturnType<typeof makePromiseWorker>;
      }) => unknown,
      terms: { readonly deadline?: number } = {},
      attemptTimeoutMs = 60_000,
    ) => {
      const storage = makeMemoryStorage();
      const { stores, unitOfWork, queue, changes } = storage;
      const worker = makePromiseWorker({
        workerId: 'w',
        queue,
        promises: stores.promises,
        unitOfWork,
        changes,
        executor: executor(DEAF),
        clock: systemClock,
        randomness: systemRandomness,
        redact: (text: string) => text,
        events: silentEvents,
        settings: { concurrency: 1, leaseMs: 30_000, heartbeatMs: 10_000, attemptTimeoutMs },
      });
      await stores.promises.add([buildPromise({ createdAt: Date.now() - 1_000, ...terms })]);
      worker.start();
      const pids = await family();
      await end({ storage, worker });
      await until('the family is gone', async () => (await living(pids)) === 0, 10_000);
      await worker.stop(5_000);
      return stores.promises.get(promiseId(1));
    };

    it('cancelled', async () => {
      const ended = await endedBy(async ({ storage: { stores } }) => {
        const promise = await stores.promises.get(promiseId(1));
        if (promise) await carryOut(stores.promises, promise.id, { type: 'cancel', at: Date.now(), reason: 'no need' });
      });
      expect(ended).to.include({ status: 'cancelled' });
    });

    it('out of time', async () => {
      expect(await endedBy(() => undefined, {}, 2_500)).to.deep.include({ status: 'pending', failures: 1 });
    });

    it('past its deadline', async () => {
      expect(await endedBy(() => undefined, { deadline: Date.now() + 2_500 })).to.include({ status: 'failed' });
    });

    it('handed back', async () => {
      expect(await endedBy(({ worker }) => worker.stop(0))).to.include({ status: 'pending', attempts: 0 });
    });
  });
});
