import { isFromFuture } from '../../domain/backup/backup.ts';
import { isAlive, MAX_LISTED_PROCESSES, type ProcessIdentity } from '../../domain/process/register.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import type { ProcessRegister } from '../../ports/storage/process-register.ts';

/** The newest backup that is known of, or since when there could be one. */
export interface KnownBackup {
  /** In ms since 1970. */
  readonly at: number;
  readonly isFound: boolean;
}

/** Where backups lie: a data directory, on its machine. */
export type BackupPlace = Pick<ProcessIdentity, 'host' | 'dataDir'>;

const MADE = 'made';
const BEGUN = 'begun';

/** Tells other machines of a backup: they look into directories of their own. `state` is that of backups. */
export const noteBackup = (state: KeyValueState, at: number, { host, dataDir }: BackupPlace): Promise<void> =>
  state.set(new Map([[MADE, JSON.stringify({ at, host, dataDir })]]));

/** When somebody looked first: a new installation has nothing that a backup would save. */
export const begunAt = async (state: KeyValueState, now: number): Promise<number> => {
  const begun = Number(await state.get(BEGUN));
  if (begun > 0) return begun;
  await state.set(new Map([[BEGUN, String(now)]]));
  return now;
};

/**
 * Looks for the newest backup: the one that `here` finds in the directory of this machine, or the last one that another
 * machine has made. The latter counts while that machine has a process that lives: what a container leaves may go with
 * it. Where there is none, and backups make themselves, the time counts from which on there could be one.
 */
export const makeKnownBackup =
  (parts: {
    readonly here: () => Promise<KnownBackup | undefined>;
    readonly place: BackupPlace;
    readonly isScheduled: boolean;
    readonly state: Pick<KeyValueState, 'get'>;
    readonly processes: Pick<ProcessRegister, 'list'>;
    readonly clock: Pick<Clock, 'now'>;
  }) =>
  async (): Promise<KnownBackup | undefined> => {
    const { here, place, isScheduled, state } = parts;
    const [local, elsewhere] = [await here(), await madeElsewhere(parts, place)];
    const found = [...(local?.isFound ? [local.at] : []), ...(elsewhere === undefined ? [] : [elsewhere])];
    if (found.length > 0) return { at: Math.max(...found), isFound: true };
    const begun = isScheduled ? Number((await state.get(BEGUN)) ?? 0) : 0;
    return begun > 0 ? { at: begun, isFound: false } : local;
  };

const madeElsewhere = async (
  { state, processes, clock }: Pick<Parameters<typeof makeKnownBackup>[0], 'state' | 'processes' | 'clock'>,
  place: BackupPlace,
): Promise<number | undefined> => {
  const noted = await state.get(MADE);
  if (noted === undefined) return undefined;
  const { at, host, dataDir } = JSON.parse(noted) as BackupPlace & { readonly at: number };
  const now = clock.now();
  if ((host === place.host && dataDir === place.dataDir) || isFromFuture(at, now)) return undefined;
  const registered = await processes.list({ limit: MAX_LISTED_PROCESSES });
  const lives = registered.some((each) => each.host === host && each.dataDir === dataDir && isAlive(each, now));
  return lives ? at : undefined;
};
