import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../support/chat-api.ts';
import { KEPT, makeSite, type Site } from '../support/kept-process.ts';
import { endWithUs } from '../support/own-directory.ts';
import { runKept } from '../support/run-kept.ts';
import { isAlive } from '../support/supervised-site.ts';

interface Status {
  readonly running: boolean;
  readonly processes: readonly { readonly role: string; readonly pid: number }[];
  readonly successors: readonly { readonly pid: number }[];
}

describe('A restart whose command is cut off while work is finished', function () {
  this.timeout(180_000);
  let site: Site;
  beforeEach(async () => {
    site = await makeSite({ KEPT_REHEARSAL_PACE_MS: '3000' });
  });
  afterEach(async () => {
    await runKept(site, ['stop', '--now', '--timeout', '20s']);
    await site.remove();
  });

  const status = async (): Promise<Status> => JSON.parse((await runKept(site, ['status', '--json'])).stdout) as Status;

  /** Runs a command while a promise is kept, and cuts it off as soon as it waits. Resolves to its exit code. */
  const cutOff = async (word: 'restart' | 'stop', ...signals: readonly NodeJS.Signals[]): Promise<number | null> => {
    const made = await runKept(site, ['promises', 'make', 'count the TODO comments in this project', '--json']);
    const { id } = JSON.parse(made.stdout) as { id: number };
    const promise = async () => JSON.parse((await runKept(site, ['promises', 'show', `${id}`, '--json'])).stdout) as { status: string };
    await until('it to run', async () => (await promise()).status === 'in_progress', 20_000);
    const command = spawn(process.execPath, [KEPT, word], { cwd: site.root, env: site.env, stdio: ['ignore', 'pipe', 'inherit'] });
    endWithUs(command);
    const [first, second] = signals;
    const ended = once(command, 'exit');
    let printed = '';
    const onPrinted = (said: Buffer): void => {
      const before = printed;
      printed += said.toString();
      const isNew = (words: string): boolean => printed.includes(words) && !before.includes(words);
      if (isNew('Waiting for') && first) command.kill(first);
      // A second signal that comes at once counts as the same.
      if (isNew('handed back now') && second) setTimeout(() => command.kill(second), 510);
    };
    command.stdout.on('data', onPrinted);
    return (await ended)[0] as number | null;
  };

  const goesOn = async (before: Status): Promise<void> => {
    const pids = before.processes.map(({ pid }) => pid);
    const isBack = async (): Promise<boolean> => {
      const { running, processes } = await status();
      return running && processes.length === pids.length && processes.every(({ pid }) => !pids.includes(pid));
    };
    await until('all of it to run again', isBack, 60_000);
    await until('the end of the old ones', async () => !pids.some(isAlive), 10_000);
  };

  for (const [how, code, signals] of [
    ['is killed', null, ['SIGKILL']],
    ['loses its terminal', 129, ['SIGHUP']],
    // Whether it still stops, or starts already: the work is handed back fast.
    ['is interrupted twice', undefined, ['SIGINT', 'SIGINT']],
  ] as const)
    it(`leaves Kept running where it ${how}`, async () => {
      await runKept(site, ['start', '--detach']);
      const before = await status();
      const ended = await cutOff('restart', ...signals);
      if (code !== undefined) assert.equal(ended, code);
      await goesOn(before);
      const again = await runKept(site, ['restart']);
      assert.equal(again.code, 0, again.stderr);
    });

  it('ends and starts also a bot that it had not asked yet', async () => {
    await runKept(site, ['bot', '--detach']);
    await runKept(site, ['worker', '--detach']);
    const before = await status();
    assert.equal(before.processes.length, 2);
    await cutOff('restart', 'SIGKILL');
    await goesOn(before);
  });

  it('leaves a supervisor and what it runs running', async () => {
    await runKept(site, ['start', '--workers', '1', '--detach']);
    const before = await status();
    await cutOff('restart', 'SIGKILL');
    await goesOn(before);
  });

  for (const [what, words] of [
    ['process', []],
    ['supervisor', ['--workers', '1']],
  ] as const)
    it(`is told, and ended by a stop, together with the ${what} that waits to begin`, async () => {
      await runKept(site, ['start', ...words, '--detach']);
      await cutOff('restart', 'SIGKILL');
      const { successors, processes } = await status();
      assert.equal(successors.length, 1);
      const [{ pid = 0 } = {}] = successors;
      assert.match(
        (await runKept(site, ['status'])).stdout,
        new RegExp(`PID ${pid} waits until what runs has ended, to begin in its place`),
      );
      const again = await runKept(site, ['restart']);
      assert.match(again.stderr, new RegExp(`a restart is under way: PID ${pid} waits`));
      const stopped = await runKept(site, ['stop']);
      assert.equal(stopped.code, 0, stopped.stderr);
      // A process gives its locks back a little before it is gone.
      await until('their end', async () => ![...processes.map((one) => one.pid), pid].some(isAlive), 5_000);
      const after = await status();
      assert.deepEqual([after.running, after.processes, after.successors], [false, [], []]);
    });

  it('is like a stop that is cut off: all of it ends', async () => {
    await runKept(site, ['bot', '--detach']);
    await runKept(site, ['worker', '--detach']);
    const { processes } = await status();
    assert.equal(await cutOff('stop', 'SIGHUP'), 129);
    await until('the end of both', async () => !processes.some(({ pid }) => isAlive(pid)), 60_000);
  });
});
