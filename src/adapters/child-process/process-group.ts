import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { PortError, reasonOf } from '../../ports/index.ts';

/** How often it is looked whether a group is gone: nobody tells. */
const LOOK_MS = 20;
/**
 * A killed process that its system still keeps a record of, because nobody there asks for it, counts as gone after
 * this.
 */
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

/**
 * Ends every process of the group: asks with SIGTERM, kills after `graceMs`. Resolves when all are gone; at once where
 * none is left.
 */
export const endGroup = async (group: number, graceMs: number): Promise<void> => {
  if (!signal(group, 'SIGTERM') || (await goneWithin(group, graceMs))) return;
  signal(group, 'SIGKILL');
  await goneWithin(group, KILLED_MS);
};

/** Waits for its input to close without a word: then whoever was to speak it has died. */
const GUARD = `read -r _ && exit 0; kill -s TERM -- "-$0"; sleep "$1"; kill -s KILL -- "-$0"`;

/**
 * Starts a small shell that ends the group when this process dies, by whatever way, and resolves to what dismisses it.
 * It stands in a session of its own, so that what ends this one does not end it. Rejects with PortError `unavailable`
 * where it can't be started.
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
