import { doublingMs } from '../../domain/shared/backoff.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import type { Backups } from '../../ports/use-cases/backups.ts';

/** How often the age of the newest backup is looked at. */
const LOOK_MS = 60_000;
/** After a failure, the next try waits so long, and twice as long after each further one. */
const RETRY_MS = 5 * 60_000;
const MAX_RETRY_MS = 60 * 60_000;

export interface BackupSchedule {
  /** Looks once; resolves when the backup that was due is made, or has failed. Never rejects. */
  look(): Promise<void>;
  /** Looks every minute. */
  start(): void;
  /** Stops a backup that is under way; nothing of it is left. */
  stop(): Promise<void>;
}

export interface BackupScheduleParts {
  readonly backups: Pick<Backups, 'create' | 'prune'>;
  readonly place: string;
  /** When the newest backup was made, in ms since 1970. Undefined where there is none. */
  newestAt(): Promise<number | undefined>;
  /** Remembers since when there could be one. */
  readonly state: KeyValueState;
  /** The newest backup gets no older than this. In ms. */
  readonly everyMs: number;
  /** How many are kept. */
  readonly keep: number;
  readonly clock: Clock;
  readonly events: Events;
}

/** Makes backups where they are due. It runs in the bot that leads; backups that people make themselves count, too. */
export const makeBackupSchedule = (parts: BackupScheduleParts): BackupSchedule => {
  const { backups, place, everyMs, keep, clock, events } = parts;
  const stopped = new AbortController();
  let cancel = (): void => undefined;
  let current: Promise<void> = Promise.resolve();
  let failures = 0;
  let retryAt = 0;

  const make = async (now: number): Promise<void> => {
    const { path, rows, bytes } = await backups.create(place, stopped.signal);
    events.emit({ type: 'backup-made', path, rows, bytes, durationMs: clock.now() - now });
    await prune();
  };

  /** A backup that stays too long is no reason to make the next one sooner. */
  const prune = async (): Promise<void> => {
    try {
      const pruned = await backups.prune(place, keep);
      if (pruned.length > 0) events.emit({ type: 'backups-pruned', paths: pruned.map(({ path }) => path) });
    } catch (error) {
      events.emit({ type: 'backups-not-pruned', reason: reasonOf(error) });
    }
  };

  const look = async (): Promise<void> => {
    const now = clock.now();
    if (now < retryAt) return;
    try {
      const since = (await parts.newestAt()) ?? (await begunAt(parts.state, now));
      if (now - since < everyMs) return;
      await make(now);
      failures = 0;
    } catch (error) {
      if (stopped.signal.aborted) return;
      const waitMs = doublingMs(++failures, RETRY_MS, MAX_RETRY_MS);
      retryAt = clock.now() + waitMs;
      events.emit({ type: 'backup-not-made', reason: reasonOf(error), waitMs });
    }
  };

  const next = (): void => {
    current = look().then(() => {
      if (!stopped.signal.aborted) cancel = clock.after(LOOK_MS, next);
    });
  };

  return {
    look,
    start: () => {
      cancel = clock.after(LOOK_MS, next);
    },
    stop: async () => {
      stopped.abort();
      cancel();
      await current;
    },
  };
};

const BEGUN = 'begun';

/** When somebody looked first: a new installation has nothing that a backup would save. */
const begunAt = async (state: KeyValueState, now: number): Promise<number> => {
  const begun = Number(await state.get(BEGUN));
  if (begun > 0) return begun;
  await state.set(new Map([[BEGUN, String(now)]]));
  return now;
};
