import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { PortError, type ProcessGroups, reasonOf } from '../../ports/index.ts';

/** How often to check whether a process group is gone. The system sends no event for that. */
const LOOK_MS = 20;
/** A killed process that was not reaped (a zombie) counts as gone after this time. */
const KILLED_MS = 500;

const signal = (group: number, name: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(-group, name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    // EPERM: it is there, and somebody else's.
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return true;
    throw error;
  }
};

const goneWithin = async (group: number, ms: number): Promise<boolean> => {
  for (const until = performance.now() + ms; signal(group, 0); await after(LOOK_MS)) if (performance.now() >= until) return false;
  return true;
};

/** Ends every process of the group: sends SIGTERM, then SIGKILL after `graceMs`. Resolves when all are gone. */
export const endGroup = async (group: number, graceMs: number): Promise<void> => {
  if (!signal(group, 'SIGTERM') || (await goneWithin(group, graceMs))) return;
  signal(group, 'SIGKILL');
  await goneWithin(group, KILLED_MS);
};

/** Waits until its input closes without a word: then the process that should have written has died. */
const GUARD = `read -r _ && exit 0; kill -s TERM -- "-$0"; sleep "$1"; kill -s KILL -- "-$0"`;

/**
 * Starts a small shell that ends the group if this process dies in any way. Resolves to a function that dismisses it.
 * The shell has its own session, so a signal to this process's group does not end it. Rejects with PortError
 * `unavailable` if it can't be started.
 */
export const guardGroup = async (group: number, graceMs: number): Promise<() => void> => {
  const guard = spawn('/bin/sh', ['-c', GUARD, String(group), String(Math.ceil(graceMs / 1_000))], {
    detached: true,
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(guard, 'spawn').catch((error: unknown) => {
    throw new PortError('unavailable', `no command is run without its guard: ${reasonOf(error)}`, { retryable: true, cause: error });
  });
  guard.unref();
  return () => {
    // A guard that is gone already needs no word.
    guard.stdin?.on('error', () => undefined);
    guard.stdin?.end('\n');
  };
};

export const processGroups: ProcessGroups = { guard: guardGroup, end: endGroup };
