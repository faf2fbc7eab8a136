import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Supervised } from '../../src/domain/index.ts';
import type { Started } from '../../src/main/started.ts';
import { until } from './chat-api.ts';
import { KEPT, type Site } from './kept-process.ts';
import { endWithUs } from './own-directory.ts';
import { runKept } from './run-kept.ts';

/** What `kept status --json` tells of a supervisor. */
export interface SeenSupervisor {
  readonly pid: number;
  readonly phase: string;
  readonly processes: readonly (Pick<Supervised, 'name' | 'phase' | 'pid' | 'ends' | 'failures'> & {
    readonly isLooping: boolean;
    readonly status?: string;
  })[];
}

/** A supervisor as `--detach` starts one, and what it runs. */
export interface SupervisedSite {
  readonly child: ChildProcess;
  readonly started: readonly Started[];
  /** Its state file. */
  state(): SeenSupervisor;
  pidOf(name: string): number;
  /** Resolves once a process of that name runs that is none of these. */
  running(name: string, ...others: readonly number[]): Promise<number>;
  status(): Promise<{
    readonly supervisor?: SeenSupervisor;
    readonly restarts: readonly { readonly role: string; readonly count: number }[];
  }>;
  log(): string;
  stop(): Promise<void>;
}

export const startSupervised = async (site: Site, ...words: readonly string[]): Promise<SupervisedSite> => {
  const child = fork(KEPT, ['start', ...words], {
    cwd: site.root,
    env: site.env,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  endWithUs(child);
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const exited = once(child, 'exit');
  const started = await Promise.race([once(child, 'message'), exited.then(() => undefined)]);
  if (!started) throw new Error(`the supervisor did not start: ${errors}`);
  const path = join(site.dataDir, 'supervisor', 'state.json');
  const state = (): SeenSupervisor => JSON.parse(readFileSync(path, 'utf8')) as SeenSupervisor;
  const found = (name: string) => state().processes.find((one) => one.name === name);
  return {
    child,
    started: started[0] as readonly Started[],
    state,
    pidOf: (name) => found(name)?.pid ?? 0,
    running: (name, ...others) =>
      until(
        `${name} to run`,
        async () => {
          const one = found(name);
          return one?.phase === 'running' && one.pid !== undefined && !others.includes(one.pid) && one.pid;
        },
        60_000,
      ),
    status: async () => JSON.parse((await runKept(site, ['status', '--json'])).stdout),
    log: () => readFileSync(join(site.dataDir, 'logs', 'kept.log'), 'utf8'),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
};

/** Whether a process lives; one that was not reaped counts as gone. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
};
