import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { PromiseId } from '../../src/domain/index.ts';
import type { Randomness } from '../../src/ports/index.ts';
import { until } from './chat-api.ts';
import type { Told } from './promise-worker.ts';

/** One run of a promise, as its worker told of it. Times in ms since 1970. */
export interface Run {
  readonly id: PromiseId;
  readonly attempt: number;
  /** When its lease began, and until when, as far as its worker has told, it lasts. */
  readonly startedAt: number;
  leasedUntil: number;
  /** Whether the world outside has what the promise is there for. */
  hasEffect: boolean;
  /** For how long its worker was held up in all, from the end of its lease on. */
  heldUpMs: number;
  ended?: { readonly how: 'returned' | 'failed' | 'aborted'; readonly at: number };
  /** When it was heard of last, and killed. */
  readonly worker: { heardAt?: number; killedAt?: number };
}

interface Worker {
  readonly child: ChildProcess;
  readonly runs: Run[];
  readonly state: { isReady: boolean; heardAt?: number; killedAt?: number };
}

/** Workers that are started again whenever they have ended, as by a supervisor. */
export interface Crew {
  /** Every run there was, in the order in which they were heard of. */
  readonly runs: readonly Run[];
  /** What those printed that ended by themselves after they had started. */
  readonly crashes: readonly string[];
  /** Those at work. */
  pids(): readonly number[];
  /** Resolves when that many are at work; all, unless told. */
  ready(count?: number): Promise<void>;
  /** `kill -9` of one that is at work, where there is one; better of one that runs a promise. */
  kill(randomness: Randomness): Promise<void>;
  stop(): Promise<void>;
}

const isAlive = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;
const SCRIPT = new URL('./promise-worker.ts', import.meta.url);

/** A worker for each environment. */
export const startCrew = (environments: readonly NodeJS.ProcessEnv[]): Crew => {
  const runs: Run[] = [];
  const crashes: string[] = [];
  const workers: Worker[] = [];
  let stopping = false;

  const hear = ({ runs: mine, state }: Worker, told: Told): void => {
    const open = mine.filter(({ ended }) => !ended);
    if (told.type === 'ready') state.isReady = true;
    else if (told.type === 'tick') {
      const { at, lateMs } = told;
      state.heardAt = at;
      // A run may have ended just before its worker came to say that it was held up.
      for (const run of mine) if (at > run.leasedUntil && (run.ended?.at ?? at) >= at - lateMs) run.heldUpMs += lateMs;
    } else if (told.type === 'begun') {
      const { id, attempt, startedAt, leasedUntil } = told;
      const run: Run = { id, attempt, startedAt, leasedUntil, hasEffect: false, heldUpMs: 0, worker: state };
      mine.push(run);
      runs.push(run);
    } else if (told.type === 'renewed') {
      for (const run of open) if (told.ids.includes(run.id)) run.leasedUntil = told.leasedUntil;
    } else {
      const run = mine.findLast(({ id, attempt }) => id === told.id && attempt === told.attempt);
      if (!run) throw new Error(`#${told.id} was never begun here`);
      if (told.type === 'effect') run.hasEffect = true;
      else run.ended = told;
    }
  };

  const start = (slot: number): void => {
    const child = fork(SCRIPT, { cwd: tmpdir(), env: environments[slot] ?? {}, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const worker: Worker = { child, runs: [], state: { isReady: false } };
    workers[slot] = worker;
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on('message', (told) => hear(worker, told as Told));
    child.once('close', async () => {
      if (stopping) return;
      if (worker.state.isReady && worker.state.killedAt === undefined) crashes.push(errors);
      // One that can't start, because storage is away, is not started again at once.
      if (!worker.state.isReady) await wait(200);
      if (!stopping) start(slot);
    });
  };

  for (const slot of environments.keys()) start(slot);
  const atWork = (): readonly Worker[] => workers.filter(({ child, state }) => state.isReady && isAlive(child));
  return {
    runs,
    crashes,
    pids: () => atWork().flatMap(({ child }) => child.pid ?? []),
    ready: async (count = environments.length) => void (await until(`${count} workers at work`, async () => atWork().length >= count)),
    kill: async (randomness) => {
      const busy = atWork().filter(({ runs: mine }) => mine.some(({ ended }) => !ended));
      const among = busy.length > 0 ? busy : atWork();
      const worker = among[Math.floor(randomness.fraction() * among.length)];
      if (!worker) return;
      const { child, state } = worker;
      const exited = once(child, 'exit');
      state.killedAt = Date.now();
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      stopping = true;
      await Promise.all(
        workers.map(async ({ child, state }) => {
          if (!isAlive(child)) return;
          const closed = once(child, 'close');
          if (state.isReady) child.send('stop');
          else child.kill('SIGKILL');
          await closed;
        }),
      );
    },
  };
};
