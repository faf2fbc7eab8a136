import { acquireProcessLock, type LockHolder, listProcessLocks } from '../adapters/system/index.ts';
import { openSupervisorDir, supervisorDir } from './supervisor/state-file.ts';

/** A process that waits to begin in the place of others, and the lock by which it is known. */
export interface Successor extends LockHolder {
  readonly role: string;
}

const PREFIX = 'successor-';

export const isSuccessor = ({ role }: { readonly role: string }): boolean => role.startsWith(PREFIX);

/**
 * Makes this process known until its end, also once it has begun: whoever asks it to end meanwhile sees it, on either
 * side of that. Rejects with PortError `unavailable` where the data directory can't be written.
 */
export const becomeSuccessor = async (dataDir: string): Promise<void> => {
  const lock = await acquireProcessLock(openSupervisorDir(dataDir), `${PREFIX}${process.pid}`);
  // The system gives the lock back. One that nothing refers to would be collected, and given back before.
  process.once('exit', () => lock);
};

/** Those that wait: neither the supervisor nor who holds a lock on the data, which have begun. */
export const findSuccessors = async (
  dataDir: string,
  supervisor: LockHolder | undefined,
  locks: readonly LockHolder[],
): Promise<readonly Successor[]> => {
  const begun = new Set([supervisor?.pid, ...locks.map(({ pid }) => pid)]);
  return (await listProcessLocks(supervisorDir(dataDir), { sweeps: false })).filter((lock) => isSuccessor(lock) && !begun.has(lock.pid));
};

/** What to print about one. */
export const successorWords = ({ pid }: Successor): string => `PID ${pid} waits until what runs has ended, to begin in its place`;
