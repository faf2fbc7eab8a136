import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of `sqlite-worker.ts`, and everything that it has told so far. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  readonly told: Record<string, unknown>[];
  /** Resolves when `condition` holds; rejects when the process ends before. */
  until(condition: () => boolean): Promise<void>;
  /** Resolves when it has ended; rejects unless that was well, or by `signal`. */
  ended(signal?: NodeJS.Signals): Promise<void>;
}

export const startWorker = (role: string, path: string, count = 0): WorkerProcess => {
  const child = fork(new URL('./sqlite-worker.ts', import.meta.url), [role, path, String(count)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const told: Record<string, unknown>[] = [];
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  child.on('message', (message) => {
    told.push(message as Record<string, unknown>);
  });
  const exited = once(child, 'close');
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${role} ended too early: ${errors}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return {
    child,
    told,
    until,
    ended: async (signal) => {
      await exited;
      if (signal ? child.signalCode !== signal : child.exitCode !== 0)
        throw new Error(`${role} ended with ${child.exitCode ?? child.signalCode}: ${errors}`);
    },
  };
};
