import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { PromiseDeadlines } from '../../ports/storage/promise-deadlines.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { type Loop, makeLoop } from '../loops/loop.ts';
import { commandPromise } from '../promises/store-promises.ts';

const BATCH = 100;
/** How late a deadline may be noticed if its promise was made after the last poll. */
const INTERVAL_MS = 250;

/**
 * Fails each promise at its deadline, whatever its state, and tells its chat. A worker that runs the promise learns
 * that it has lost it. Any number of these loops may run at once: each promise fails once.
 */
export const makeExpirePromises = (deps: {
  readonly promises: PromiseDeadlines;
  readonly unitOfWork: UnitOfWork;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
}): Loop => {
  const { promises, unitOfWork, clock, randomness, events } = deps;

  const poll = async (): Promise<number | undefined> => {
    const now = clock.now();
    const next = await promises.nextDeadline();
    if (next === undefined || next > now) return next;
    const failures: unknown[] = [];
    for (const { id, chatId, status } of await promises.overdue(now, BATCH)) {
      try {
        const moved = await unitOfWork.run((stores) => commandPromise(stores, id, { type: 'expire', at: now }, randomness));
        if (moved?.ok) events.emit({ type: 'promise-deadline-missed', promiseId: id, chatId, was: status });
      } catch (error) {
        // A promise that can't be failed must not delay the others.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return promises.nextDeadline();
  };

  return makeLoop({ name: 'deadlines', clock, changes: deps.changes, events, intervalMs: INTERVAL_MS, poll });
};
