import type { KeptEvent } from '../../domain/events/event.ts';
import { makeBacklog } from '../../domain/shared/backlog.ts';
import { LEVEL, type Measurements, makeMeasurementsBuilder, mergedSketches } from '../../domain/stats/measurements.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { SketchStore } from '../../ports/storage/sketch-store.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makePollReport } from '../loops/poll-report.ts';
import { withTimeout } from '../loops/timers.ts';
import type { EventListener } from './make-events.ts';
import { observationsOf } from './observations.ts';
import type { Level } from './read-levels.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How long measurements are kept: a week, and a day more to compare it with. */
export const STATS_RETENTION_MS = 8 * 24 * HOUR_MS;
/** What lies so far ahead was stored while a clock was wrong. */
const FAR_AHEAD_MS = 400 * 24 * HOUR_MS;
/** A stop waits no longer: numbers are not worth it. */
const STOP_MS = 5_000;
/** Few enough that nobody waits long behind one. */
const BATCH = 500;

export interface PerformanceTracker {
  /** Takes in what an event says of durations. */
  readonly listen: EventListener;
  /** Stores once a minute what was measured, and merges what is old. */
  start(): void;
  /** Stores what is left. Rejects where that fails, or takes longer than a stop may wait for it. */
  stop(): Promise<void>;
}

/**
 * Measures what events tell, and stores it: once a minute one row, and none where nothing happened and nobody counts.
 * A process that is killed loses what it measured since. While the storage refuses, it all goes into the one row of
 * later. Hours that are over are merged into one row, by whichever process comes first.
 */
export const makePerformanceTracker = (deps: {
  readonly sketches: SketchStore;
  readonly unitOfWork: UnitOfWork;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
  /** How many of something there are; it is asked whenever measurements are stored. Absent: nobody counts. */
  readonly readLevels?: (() => Promise<readonly Level[]>) | undefined;
}): PerformanceTracker => {
  const { sketches, unitOfWork, clock, randomness, events, readLevels } = deps;
  let builder = makeMeasurementsBuilder();
  const heard = makeBacklog<KeptEvent>((event) => {
    for (const observation of observationsOf(event)) builder.observe(observation);
  });
  let from = clock.now();
  /** What may be stored, or not: it is stored again under the same id. */
  let pending: Measurements | undefined;
  let upkeepAt = 0;
  const report = makePollReport(events, 'stats');
  let isRunning = false;
  let cancel = (): void => undefined;
  let current: Promise<void> = Promise.resolve();

  const taken = (): Measurements | undefined => {
    const now = clock.now();
    heard.handOn();
    const measured = builder.read();
    // A clock that was set back does not make the span end before it begins.
    const since = Math.min(from, now);
    from = now;
    if (measured.length === 0) return undefined;
    builder = makeMeasurementsBuilder();
    return { id: randomness.id(), from: since, until: now, sketches: measured };
  };

  const flush = async (): Promise<void> => {
    for (const { name, count } of (await readLevels?.()) ?? []) builder.observe({ kind: LEVEL, name, ms: count, failed: false });
    for (let next = pending ?? taken(); next; next = taken()) {
      pending = next;
      await sketches.add({ ...next, isMerged: false });
      pending = undefined;
    }
  };

  const upkeep = async (): Promise<void> => {
    const now = clock.now();
    // Also after a clock was set back.
    if (now < upkeepAt && upkeepAt - now <= HOUR_MS) return;
    await mergeHours(unitOfWork, randomness, hourOf(now) - HOUR_MS);
    while ((await sketches.purge({ before: now - STATS_RETENTION_MS, after: now + FAR_AHEAD_MS, limit: BATCH })) === BATCH);
    upkeepAt = now + HOUR_MS;
  };

  const poll = async (): Promise<void> => {
    try {
      await flush();
      await upkeep();
      report.worked();
    } catch (error) {
      report.failed(error);
    }
  };

  const next = (): void => {
    cancel = clock.after(MINUTE_MS, () => {
      current = poll().then(() => {
        if (isRunning) next();
      });
    });
  };

  return {
    listen: heard.add,
    start() {
      isRunning = true;
      from = clock.now();
      next();
    },
    async stop() {
      isRunning = false;
      cancel();
      const rest = current.then(flush);
      await withTimeout(clock, STOP_MS, rest, `what was measured last could not be stored within ${STOP_MS / 1_000} s`);
    },
  };
};

const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

/** Merges what was measured before `upTo`, the beginning of an hour: one row of each hour takes the place of many. */
export const mergeHours = async (unitOfWork: UnitOfWork, randomness: Pick<Randomness, 'id'>, upTo: number): Promise<void> => {
  for (;;) {
    const taken = await unitOfWork.run(async (stores) => {
      const rows = await stores.sketches.takeUnmerged({ upTo: upTo - 1, limit: BATCH });
      for (const [hour, ofHour] of Map.groupBy(rows, ({ until }) => hourOf(until)))
        await stores.sketches.add({
          id: randomness.id(),
          from: Math.min(...ofHour.map(({ from }) => from)),
          until: Math.min(hour + HOUR_MS, upTo) - 1,
          sketches: mergedSketches(ofHour.map((each) => each.sketches)),
          isMerged: true,
        });
      return rows.length;
    });
    if (taken < BATCH) return;
  }
};
