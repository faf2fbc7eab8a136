import { hostname } from 'node:os';
import { makeRedactor } from '../adapters/redaction/index.ts';
import type { listProcessLocks } from '../adapters/system/index.ts';
import type { Config } from '../config/index.ts';
import { answersPeople, type ListedProcess } from '../domain/index.ts';
import { lineExcerpt } from '../domain/shared/excerpt.ts';
import { present } from '../domain/shared/present.ts';
import { isProcessAlive } from '../ports/adapter-kit/process-alive.ts';
import type { Redact } from '../ports/index.ts';
import { isBotLock } from './data-dir.ts';

export type LockSeen = Awaited<ReturnType<typeof listProcessLocks>>[number];

/** Where a process runs, as it says in the register. */
export type Place = Pick<ListedProcess, 'host' | 'dataDir'>;

const MAX_PLACE_LENGTH = 500;

export const placeOf = ({ dataDir }: Pick<Config, 'dataDir'>, redact: Redact): Place => {
  const shown = (text: string): string => lineExcerpt(redact(text), MAX_PLACE_LENGTH);
  return { host: shown(hostname()), dataDir: shown(dataDir) };
};

/** The place of a command's own data directory. */
export const placeHere = (config: Pick<Config, 'dataDir' | 'secrets'>): Place => placeOf(config, makeRedactor(config.secrets));

/** A process that holds a lock here, and what the register says of it. */
export interface SeenHere {
  readonly lock: LockSeen;
  /** Absent: it is only just starting, or of a version that keeps no register. */
  readonly entry?: ListedProcess;
}

export interface SeenProcesses {
  readonly here: readonly SeenHere[];
  /**
   * Other entries of the register. Those of this place hold no lock: none is alive. Those of another directory of this
   * machine are left out where they are known to be over: they came with a backup, say.
   */
  readonly others: readonly ListedProcess[];
}

export interface SeenWhere {
  /** Whether other directories can use the same database. */
  readonly isShared: boolean;
  /** Whether a process of this machine has that number. Default: as the system says. */
  readonly hasProcess?: (pid: number) => boolean;
}

/** The times of the lock and of the entry come from one machine; its clock may be corrected in between. */
const MARGIN_MS = 5_000;

/**
 * Brings together the locks of a data directory, which know at once whether a process lives, and the register, which
 * knows of all machines what they are at.
 */
export const seenProcesses = (
  locks: readonly LockSeen[],
  entries: readonly ListedProcess[],
  place: Place,
  { isShared, hasProcess = isProcessAlive }: SeenWhere,
): SeenProcesses => {
  const isHere = ({ host, dataDir }: ListedProcess): boolean => host === place.host && dataDir === place.dataDir;
  const here = locks.map((lock): SeenHere => {
    const entry = entries.find(
      (each) =>
        isHere(each) &&
        each.pid === lock.pid &&
        each.vitality !== 'stopped' &&
        answersPeople(each) === isBotLock(lock.role) &&
        each.startedAt >= lock.startedAt - MARGIN_MS,
    );
    return { lock, ...present({ entry }) };
  });
  const taken = new Set(here.map(({ entry }) => entry?.id));
  const isFollowed = ({ role, heartbeatAt }: ListedProcess): boolean =>
    entries.some((each) => isHere(each) && each.role === role && each.startedAt > heartbeatAt);
  const withoutLock = (entry: ListedProcess): ListedProcess =>
    entry.vitality === 'alive' || entry.vitality === 'silent' ? { ...entry, vitality: isFollowed(entry) ? 'replaced' : 'silent' } : entry;
  const mayLive = ({ host, pid, vitality }: ListedProcess): boolean =>
    vitality !== 'silent' || host !== place.host || (isShared && hasProcess(pid));
  const others = entries
    .filter((entry) => !taken.has(entry.id) && (isHere(entry) || mayLive(entry)))
    .map((entry) => (isHere(entry) ? withoutLock(entry) : entry));
  return { here, others };
};
