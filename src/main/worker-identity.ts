import { listProcessLocks } from '../adapters/system/index.ts';
import type { Clock, Events, PromiseQueue } from '../ports/index.ts';

/**
 * A worker's name in leases contains its process lock: `<lock>:<nonce>`. If workers of many machines share a storage,
 * it is `<place>/<lock>:<nonce>`, where `place` is the data directory with that lock.
 */
export const workerIdOf = (lock: string, nonce: string, place?: string): string =>
  `${place === undefined ? '' : `${place}/`}${lock}:${nonce}`;

const placeOf = (holder: string): string => holder.slice(0, holder.lastIndexOf('/') + 1);
const lockOf = (holder: string): string => holder.slice(placeOf(holder).length, holder.lastIndexOf(':'));

/**
 * Ends the leases of workers whose process is gone, so that nobody waits for them to expire after a crash. Leases of
 * workers on other machines expire by themselves. Holders are read before locks: a worker takes its lock before it
 * claims, so a holder without a lock is dead, not new.
 */
export const endDeadLeases = async (deps: {
  readonly queue: PromiseQueue;
  readonly dataDir: string;
  readonly workerId: string;
  readonly clock: Clock;
  readonly events: Events;
}): Promise<void> => {
  const holders = (await deps.queue.leaseHolders()).filter((holder) => placeOf(holder) === placeOf(deps.workerId));
  const live = new Set((await listProcessLocks(deps.dataDir)).map(({ role }) => role));
  const dead = holders.filter((holder) => {
    // A lock has one holder: another name with our lock is an earlier process.
    if (lockOf(holder) === lockOf(deps.workerId)) return holder !== deps.workerId;
    return !live.has(lockOf(holder));
  });
  if (dead.length === 0) return;
  deps.events.emit({ type: 'workers-found-dead', dead });
  await deps.queue.endLeases(dead, deps.clock.now());
};
