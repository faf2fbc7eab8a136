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

  /** Restarts while a promise is kept, and cuts the command off as soon as it waits. Resolves to its exit code. */
  const cutOff = async (...signals: readonly NodeJS.Signals[]): Promise<number | null> => {
    const made = await runKept(site, ['promises', 'make', 'count the TODO comments in this project', '--json']);
    const { id } = JSON.parse(made.stdout) as { id: number };
    const promise = async () => JSON.parse((await runKept(site, ['promises', 'show', `${id}`, '--json'])).stdout) as { status: string };
    await until('it to run', async () => (await promise()).status === 'in_progress', 20_000);
    const restart = spawn(process.execPath, [KEPT, 'restart'], { cwd: site.root, env: site.env, stdio: ['ignore', 'pipe', 'inherit'] });
    endWithUs(restart);
    const left = [...signals];
    const ended = once(restart, 'exit');
    restart.stdout.on('data', (said: Buffer) => {
      // Each line says that a signal was heard, or is waited for.
      const signal = /Waiting for|handed back/.test(said.toString()) ? left.shift() : undefined;
      if (signal) restart.kill(signal);
    });
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

  for (const [how, signals] of [
    ['is killed', ['SIGKILL']],
    ['loses its terminal', ['SIGHUP']],
    ['is interrupted twice', ['SIGINT', 'SIGINT']],
  ] as const)
    it(`leaves Kept running where it ${how}`, async () => {
      await runKept(site, ['start', '--detach']);
      const before = await status();
      assert.equal(await cutOff(...signals), how === 'is interrupted twice' ? 130 : null);
      await goesOn(before);
      const again = await runKept(site, ['restart']);
      assert.equal(again.code, 0, again.stderr);
    });

  it('ends and starts also a bot that it had not asked yet', async () => {
    await runKept(site, ['bot', '--detach']);
    await runKept(site, ['worker', '--detach']);
    const before = await status();
    assert.equal(before.processes.length, 2);
    await cutOff('SIGKILL');
    await goesOn(before);
  });

  it('leaves a supervisor and what it runs running', async () => {
    await runKept(site, ['start', '--workers', '1', '--detach']);
    const before = await status();
    await cutOff('SIGKILL');
    await goesOn(before);
  });
});
