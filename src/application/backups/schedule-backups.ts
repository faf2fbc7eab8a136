import { doublingMs } from '../../domain/shared/backoff.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import type { Backups } from '../../ports/use-cases/backups.ts';
import { ABORT_GRACE_MS, within } from '../loops/timers.ts';
import { type BackupPlace, begunAt, noteBackup } from './known-backup.ts';

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
  /** Stops a backup that is under way; nothing of it is left, unless its disk does not answer for some seconds. */
  stop(): Promise<void>;
}

export interface BackupScheduleParts {
  readonly backups: Pick<Backups, 'create' | 'prune'>;
  readonly place: string;
  /** The machine and the data directory of that place. */
  readonly machine: BackupPlace;
  /** When the newest backup was made, here or on another machine, in ms since 1970. Undefined where there is none. */
  newestAt(): Promise<number | undefined>;
  /** Remembers since when there could be one, the last one, and the tries that made none. */
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
  const { backups, place, machine, everyMs, keep, clock, events } = parts;
  const stopped = new AbortController();
  let cancel = (): void => undefined;
  let current: Promise<void> = Promise.resolve();
  let tried: Tried | undefined;

  const make = async (now: number): Promise<void> => {
    const { path, rows, bytes, createdAt } = await backups.create(place, stopped.signal);
    events.emit({ type: 'backup-made', path, rows, bytes, durationMs: clock.now() - now });
    await noteBackup(parts.state, createdAt, machine);
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
    let failures = 0;
    try {
      tried ??= await triedBefore(parts.state, now);
      if (now < tried.retryAt) return;
      failures = tried.failures;
      const newest = await parts.newestAt();
      if (newest !== undefined && newest >= tried.at) failures = 0;
      if (now - (newest ?? (await begunAt(parts.state, now))) < everyMs) return;
      // Noted before it begins: a process that this kills does not begin again a minute after each start.
      tried = { at: now, failures: failures + 1, retryAt: now + waitAfter(failures + 1) };
      await parts.state.set(new Map([[TRIED, JSON.stringify(tried)]]));
      await make(now);
      tried = NEVER;
    } catch (error) {
      if (stopped.signal.aborted) return;
      const waitMs = waitAfter(failures + 1);
      tried = { at: now, failures: failures + 1, retryAt: clock.now() + waitMs };
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
      await within(clock, ABORT_GRACE_MS, current, () => undefined);
    },
  };
};

/** The last try, as if it failed: whether it did shows by the newest backup. */
interface Tried {
  readonly at: number;
  /** How many in a row, with this one. */
  readonly failures: number;
  readonly retryAt: number;
}

const TRIED = 'tried';
const NEVER: Tried = { at: 0, failures: 0, retryAt: 0 };

const waitAfter = (failures: number): number => doublingMs(failures, RETRY_MS, MAX_RETRY_MS);

const triedBefore = async (state: KeyValueState, now: number): Promise<Tried> => {
  const noted = await state.get(TRIED);
  const tried = noted === undefined ? NEVER : (JSON.parse(noted) as Tried);
  // Noted by a clock that ran ahead.
  return tried.at > now ? NEVER : tried;
};
