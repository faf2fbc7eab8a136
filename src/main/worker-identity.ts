import { listProcessLocks } from '../adapters/system/index.ts';
import type { Clock, Logger, PromiseQueue } from '../ports/index.ts';

/** A worker's name in leases tells which process lock stands for it: `<lock>:<PID>:<nonce>`. */
export const workerIdOf = (lock: string, nonce: string): string => `${lock}:${process.pid}:${nonce}`;

/**
 * Ends the leases of workers whose process is gone, so that after a crash nobody waits for them to run out.
 * Holders are read before locks: a worker takes its lock before it claims, so a holder without a lock is dead, not new.
 */
export const endDeadLeases = async (deps: {
  readonly queue: PromiseQueue;
  readonly dataDir: string;
  readonly workerId: string;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<void> => {
  const holders = await deps.queue.holders();
  const live = new Set((await listProcessLocks(deps.dataDir)).map(({ role, pid }) => `${role}:${pid}`));
  const dead = holders.filter((holder) => {
    const [lock, pid] = holder.split(':');
    // A PID gets used again: a holder that is called like this process, and is not this worker, was there before.
    return Number(pid) === process.pid ? holder !== deps.workerId : !live.has(`${lock}:${pid}`);
  });
  if (dead.length === 0) return;
  deps.logger.warn({ dead }, 'workers died while they kept promises; what they held is taken up again now');
  await deps.queue.endLeases(dead, deps.clock.now());
};
