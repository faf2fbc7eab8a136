import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';
import { type DirectoryLocks, PortError } from '../../ports/index.ts';
import { acquireProcessLock, isLockHeld } from './process-lock.ts';

/** How often a directory that somebody else holds is asked for again. */
const AGAIN_MS = 500;

/** Locks among all processes that use `place`, a directory for the files of the locks. */
export const makeDirectoryLocks = (place: string, againMs = AGAIN_MS): DirectoryLocks => ({
  async take(directory, signal, onWait) {
    // Two ways to one directory are one.
    const real = await realpath(directory).catch(() => directory);
    const name = createHash('sha256').update(real).digest('hex').slice(0, 32);
    for (let isFirst = true; ; isFirst = false) {
      if (signal.aborted) throw aborted();
      try {
        const lock = await acquireProcessLock(place, name);
        return () => lock.release();
      } catch (error) {
        if (!isLockHeld(error)) throw error;
        if (isFirst) onWait();
        await after(againMs, undefined, { signal }).catch(() => undefined);
      }
    }
  },
});

const aborted = (): PortError => new PortError('aborted', 'nobody waits for the directory any more', { retryable: true });
