import { listProcessLocks } from '../adapters/system/index.ts';
import type { Clock, Events, PromiseQueue } from '../ports/index.ts';

/**
 * A worker's name in leases tells which process lock stands for it: `<lock>:<nonce>`, and where workers of many
 * machines hold leases, `<place>/<lock>:<nonce>`, `place` being the data directory whose locks these are.
 */
export const workerIdOf = (lock: string, nonce: string, place?: string): string =>
  `${place === undefined ? '' : `${place}/`}${lock}:${nonce}`;

const placeOf = (holder: string): string => holder.slice(0, holder.lastIndexOf('/') + 1);
const lockOf = (holder: string): string => holder.slice(placeOf(holder).length, holder.lastIndexOf(':'));

/**
 * Ends the leases of workers whose process is gone, so that after a crash nobody waits for them to run out. Of workers
 * elsewhere nothing is known here: theirs run out. Holders are read before locks: a worker takes its lock before it
 * claims, so a holder without a lock is dead, not new.
 */
export const endDeadLeases = async (deps: {
  readonly queue: PromiseQueue;
  readonly dataDir: string;
  readonly workerId: string;
  readonly clock: Clock;
  readonly events: Events;
}): Promise<void> => {
  const holders = (await deps.queue.holders()).filter((holder) => placeOf(holder) === placeOf(deps.workerId));
  const live = new Set((await listProcessLocks(deps.dataDir)).map(({ role }) => role));
  const dead = holders.filter((holder) => {
    // A lock has one holder: whoever else was called after ours had it before us.
    if (lockOf(holder) === lockOf(deps.workerId)) return holder !== deps.workerId;
    return !live.has(lockOf(holder));
  });
  if (dead.length === 0) return;
  deps.events.emit({ type: 'workers-found-dead', dead });
  await deps.queue.endLeases(dead, deps.clock.now());
};
