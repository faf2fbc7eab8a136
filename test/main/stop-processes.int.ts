import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { isPaused, type LockHolder, listProcessLocks, readProcessLock } from '../../src/adapters/system/index.ts';
import { type Running, type StopOptions, type Stopped, stopProcesses } from '../../src/main/stop-processes.ts';
import { openSupervisorDir, SUPERVISOR_LOCK } from '../../src/main/supervisor/state-file.ts';
import { until } from '../support/chat-api.ts';
import { removeDirectory, takeDirectory } from '../support/own-directory.ts';

const HOLDER = new URL('../support/sqlite-lock-holder.ts', import.meta.url);

describe('Stopping processes', () => {
  let directory: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    directory = takeDirectory('stop', tmpdir());
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    removeDirectory(directory);
  });

  const begin = async (role: string, { dir = directory, isSupervised = false } = {}): Promise<Running> => {
    const child = fork(HOLDER, [dir, role]);
    children.push(child);
    await once(child, 'message');
    return { ...((await readProcessLock(dir, role)) as LockHolder), dir, role, isSupervised };
  };

  interface Sent {
    readonly pid: number;
    readonly signal: string | 0;
  }

  /** Stops them, with what was sent to whom. `deliver` says what becomes of a signal. */
  const stop = async (
    all: readonly Running[],
    options: Partial<StopOptions>,
    deliver: (sent: Sent) => void = ({ pid, signal }) => void process.kill(pid, signal),
  ): Promise<Stopped & { readonly sent: readonly Sent[]; readonly tookMs: number }> => {
    const sent: Sent[] = [];
    const from = performance.now();
    const stopped = await stopProcesses(directory, all, {
      timeoutMs: 10_000,
      isNow: false,
      onWait: () => undefined,
      clock: { now: Date.now, sleep: (ms) => sleep(ms) },
      signal: (pid, signal) => {
        if (signal !== 0) sent.push({ pid, signal });
        deliver({ pid, signal });
      },
      ...options,
    });
    return { ...stopped, sent, tookMs: performance.now() - from };
  };

  it('says at once what belongs to another user, and waits neither for it nor for what it runs', async () => {
    const supervisor = await begin(SUPERVISOR_LOCK, { dir: openSupervisorDir(directory) });
    const [worker, bot] = [await begin('worker-1', { isSupervised: true }), await begin('kept', { isSupervised: true })];
    const { refusals, ended, late, sent, tookMs } = await stop([supervisor, worker, bot], {}, ({ pid }) => {
      if (pid === supervisor.pid) throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    });
    expect(refusals).to.deep.equal([
      `PID ${supervisor.pid} was not stopped: it belongs to another user: run this as that user, or with \`sudo\``,
    ]);
    expect({ ended, late, sent }).to.deep.equal({ ended: [], late: [], sent: [] });
    expect(tookMs).to.be.below(5_000);
  });

  it('gives the bot its own time where workers have used up theirs', async () => {
    const [worker, bot] = [await begin('worker-1'), await begin('kept')];
    const { ended, killed } = await stop([worker, bot], { isNow: true, timeoutMs: 1_500 }, ({ pid, signal }) => {
      if (signal !== 'SIGTERM') process.kill(pid, signal);
      // The worker hears nothing, and the bot takes a moment.
      else if (pid === bot.pid) setTimeout(() => process.kill(pid, signal), 300);
    });
    expect(killed).to.deep.equal([worker]);
    expect(ended).to.deep.equal([bot]);
  });

  it('resumes what is suspended, so that it ends like the others: a supervisor, what it runs, and a bot', async function () {
    if (process.platform !== 'linux') return this.skip();
    const supervisor = await begin(SUPERVISOR_LOCK, { dir: openSupervisorDir(directory) });
    const [worker, bot] = [await begin('worker-1', { isSupervised: true }), await begin('kept')];
    const all = [supervisor, worker, bot];
    for (const { pid } of all) process.kill(pid, 'SIGSTOP');
    await until('all of them to be suspended', async () => all.every(({ dir, role, ...holder }) => isPaused(dir, role, holder)), 5_000);
    const { killed, ended, resumed, tookMs } = await stop(all, {}, ({ pid, signal }) => {
      process.kill(pid, signal);
      // Whoever supervises ends what it runs.
      if (pid === supervisor.pid && signal === 'SIGTERM') process.kill(worker.pid, signal);
    });
    expect({ killed, ended, resumed }).to.deep.equal({ killed: [], ended: all, resumed: all });
    expect(tookMs).to.be.below(5_000);
    expect(await listProcessLocks(directory)).to.deep.equal([]);
  });

  it('knows since when nobody answers, also of a bot that ended before it said that it does', async () => {
    const bot = await begin('kept');
    const from = Date.now();
    const { silentSince } = await stop([bot], {});
    expect(silentSince).to.be.within(from, Date.now());
    const worker = await begin('worker-1');
    expect((await stop([worker], {})).silentSince).to.equal(undefined);
  });

  it('does not hurry what ends already where it is asked not to', async () => {
    const supervisor = { ...(await begin(SUPERVISOR_LOCK, { dir: openSupervisorDir(directory) })), isEnding: true };
    const stopping = stop([supervisor], { asksAgain: false });
    setTimeout(() => process.kill(supervisor.pid, 'SIGTERM'), 300);
    const { sent, ended } = await stopping;
    expect(sent).to.deep.equal([]);
    expect(ended).to.deep.equal([supervisor]);
  });
});
