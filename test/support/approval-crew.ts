import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Randomness } from '../../src/ports/index.ts';
import type { Tap, Tapped } from './approval-worker.ts';
import { until } from './chat-api.ts';

const SCRIPT = fileURLToPath(new URL('./approval-worker.ts', import.meta.url));
const PATIENCE_MS = 60_000;

/** Processes that decide and work, and are started again when they are killed. */
export const makeCrew = (size: number, args: readonly string[]) => {
  interface Member {
    child: ChildProcess;
    isReady: boolean;
    readonly waiting: Map<number, (told: { readonly code?: string } | 'lost') => void>;
  }
  const members: Member[] = [];
  let isEnding = false;
  const start = (slot: number): void => {
    const child = fork(SCRIPT, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const member: Member = { child, isReady: false, waiting: new Map() };
    members[slot] = member;
    child.on('message', (told: Tapped) => {
      if (told === 'ready') member.isReady = true;
      else member.waiting.get(told.n)?.(told);
    });
    child.once('exit', () => {
      for (const lost of member.waiting.values()) lost('lost');
      if (!isEnding) start(slot);
    });
  };
  for (let slot = 0; slot < size; slot++) start(slot);
  const ready = (): readonly Member[] => members.filter(({ child, isReady }) => isReady && child.connected);
  const oneReady = async (randomness: Randomness): Promise<Member> => {
    await until('a process to be ready', async () => ready().length > 0, PATIENCE_MS);
    return ready()[Math.floor(randomness.fraction() * ready().length)] ?? oneReady(randomness);
  };
  return {
    ready: async (): Promise<void> => void (await until('all processes to be ready', async () => ready().length === size, PATIENCE_MS)),
    /** `lost`: the process died before it had answered. */
    tap: async (tap: Tap, randomness: Randomness): Promise<{ readonly code?: string } | 'lost'> => {
      const member = await oneReady(randomness);
      const { promise, resolve } = Promise.withResolvers<{ readonly code?: string } | 'lost'>();
      member.waiting.set(tap.n, resolve);
      member.child.send(tap, (error) => error && resolve('lost'));
      const told = await promise;
      member.waiting.delete(tap.n);
      return told;
    },
    /** The one with that pid, else any. */
    kill: async (randomness: Randomness, pid?: number): Promise<void> => {
      const member = members.find(({ child }) => child.pid === pid) ?? (await oneReady(randomness));
      member.isReady = false;
      const { child } = member;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    end: async (): Promise<void> => {
      isEnding = true;
      await Promise.all(
        members.map(async ({ child }) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const exited = once(child, 'exit');
          child.kill('SIGKILL');
          await exited;
        }),
      );
    },
  };
};
