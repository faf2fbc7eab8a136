import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Journal } from '../../ports/storage/journal.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makeHourlyPurge } from '../loops/hourly-purge.ts';
import type { Loop } from '../loops/loop.ts';
import { endRuns } from '../promises/store-runs.ts';

/** The steps of so many runs are read at once, and so many times in an hour. */
const MAX_ENDED = 20;
const MAX_ROUNDS = 25;

/**
 * Purges the steps of turns after as long as settled promises are kept. A turn that nobody has gone on with for as long
 * is ended first, as at its last step, so that what it used is counted. The steps of a promise go with it.
 */
export const makePurgeRuns = ({
  journal,
  unitOfWork,
  retentionMs,
  changes,
  clock,
  randomness,
  events,
}: {
  readonly journal: Pick<Journal, 'purge'>;
  readonly unitOfWork: UnitOfWork;
  readonly retentionMs: number;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'id'>;
  readonly events: Events;
}): Loop => {
  /** Resolves to whether there may be more of them. */
  const endSome = (before: number): Promise<boolean> =>
    unitOfWork.run(async (stores) => {
      const left = await stores.journal.openTurns({ before, limit: MAX_ENDED });
      for (const run of left) await endRuns(stores, [run], run.steps.at(-1)?.at ?? run.startedAt, { randomness });
      return left.length === MAX_ENDED;
    });

  return makeHourlyPurge({
    name: 'purge-runs',
    changes,
    clock,
    events,
    onPurged: (count) => events.emit({ type: 'runs-purged', count }),
    purge: async (now, limit) => {
      const before = now - retentionMs;
      for (let round = 0; round < MAX_ROUNDS && (await endSome(before)); round++);
      return journal.purge({ before, limit });
    },
  });
};
