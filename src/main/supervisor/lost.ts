import { accessSync, constants, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isLockHeld, type LockHolder, listProcessLocks, readDeadHolder, removeDeadLock } from '../../adapters/system/index.ts';
import { present } from '../../domain/shared/present.ts';
import { type Events, reasonOf } from '../../ports/index.ts';
import { writeWhole } from '../whole-file.ts';
import { readState, SUPERVISOR_LOCK, type SupervisorState, statePath, supervisorDir } from './state-file.ts';

/** A supervisor that ended without a stop: it was killed, or it crashed. Known until the next start, or stop. */
export interface LostSupervisor extends LockHolder {
  /** What it said last of itself. */
  readonly state?: SupervisorState;
  /** When one of its processes noticed its end. Absent: none lived to see it. */
  readonly endedAt?: number;
  /** Its last sign of life that is known. */
  readonly seenAt: number;
  /** The processes it ran last: those that still end, and those that are gone. */
  readonly left: readonly { readonly name: string; readonly pid: number; readonly isAlive: boolean }[];
}

const lossPath = (dataDir: string): string => join(supervisorDir(dataDir), 'lost.json');

/** The end of a supervisor, as one of its processes noticed it. */
export interface Loss {
  /** Its process id. */
  readonly supervisor: number;
  /** In ms since 1970. */
  readonly at: number;
}

/** Tells that the supervisor of this process is gone: the log, and whoever asks later. */
export const noteLoss = (dataDir: string, { supervisor, at }: Loss, events: Events): void => {
  events.emit({ type: 'supervisor-lost', supervisor });
  try {
    writeWhole(lossPath(dataDir), `${JSON.stringify({ supervisor, at } satisfies Loss)}\n`);
  } catch (error) {
    events.emit({ type: 'supervisor-state-not-written', reason: reasonOf(error), error });
  }
};

const readLoss = (dataDir: string, supervisor: number): number | undefined => {
  try {
    const loss = JSON.parse(readFileSync(lossPath(dataDir), 'utf8')) as Partial<Loss> | null;
    return loss?.supervisor === supervisor && typeof loss.at === 'number' ? loss.at : undefined;
  } catch {
    // Nobody lived to write it, or it is damaged.
    return undefined;
  }
};

export const findLostSupervisor = async (dataDir: string): Promise<LostSupervisor | undefined> => {
  const holder = await readDeadHolder(supervisorDir(dataDir), SUPERVISOR_LOCK);
  if (!holder) return undefined;
  const found = readState(dataDir);
  const state = found?.pid === holder.pid ? found : undefined;
  const locks = await listProcessLocks(dataDir, { sweeps: false });
  const left = (state?.processes ?? []).flatMap(({ name, pid }) =>
    pid === undefined ? [] : [{ name, pid, isAlive: locks.some((lock) => lock.pid === pid) }],
  );
  const writtenAt = Math.round(statSync(statePath(dataDir), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return {
    ...holder,
    seenAt: state ? Math.max(writtenAt, holder.startedAt) : holder.startedAt,
    left,
    ...present({ state, endedAt: readLoss(dataDir, holder.pid) }),
  };
};

/** The same, and from then on it is not known any more, where this user may write there. */
export const takeLostSupervisor = async (dataDir: string): Promise<LostSupervisor | undefined> => {
  const lost = await findLostSupervisor(dataDir);
  if (lost) await forgetLost(dataDir);
  return lost;
};

const forgetLost = async (dataDir: string): Promise<void> => {
  try {
    accessSync(supervisorDir(dataDir), constants.W_OK);
  } catch {
    // It is told again.
    return;
  }
  try {
    await removeDeadLock(supervisorDir(dataDir), SUPERVISOR_LOCK, [lossPath(dataDir), statePath(dataDir)]);
  } catch (error) {
    // A supervisor has begun meanwhile: it tells of that one itself.
    if (!isLockHeld(error)) throw error;
  }
};

/** For a supervisor that begins: its own lock and state have taken the place of the rest. */
export const removeLoss = (dataDir: string): void => rmSync(lossPath(dataDir), { force: true });

/** Has the log of whoever begins after it tell of one. */
export const tellLost = ({ pid, endedAt, seenAt, left }: LostSupervisor, events: Events): void =>
  events.emit({
    type: 'supervisor-found-lost',
    supervisor: pid,
    seenAt: time(seenAt),
    ran: left.map(nameOf),
    ...(endedAt === undefined ? {} : { endedAt: time(endedAt) }),
  });

/** The same for programs. */
export const lostView = ({ pid, startedAt, endedAt, seenAt, left }: LostSupervisor) => ({
  pid,
  startedAt: time(startedAt),
  seenAt: time(seenAt),
  ...(endedAt === undefined ? {} : { endedAt: time(endedAt) }),
  processes: left,
});

/** What to print about one. */
export const lostWords = ({ pid, endedAt, seenAt, left }: LostSupervisor): string => {
  const when = endedAt === undefined ? `some time after ${time(seenAt)}` : `at ${time(endedAt)}`;
  const gone = left.filter(({ isAlive }) => !isAlive).map(nameOf);
  const ending = left.filter(({ isAlive }) => isAlive).map(nameOf);
  const fate = endedAt === undefined ? 'has ended, too' : 'noticed that, and has ended';
  return [
    `the supervisor (PID ${pid}) ended ${when} without a stop: it was killed, or crashed`,
    ...(gone.length > 0 ? [`what it ran ${fate}: ${gone.join(', ')}`] : []),
    ...(ending.length > 0 ? [`still about to end: ${ending.join(', ')}`] : []),
  ].join('; ');
};

/** The same as a sentence. */
export const lostSentence = (lost: LostSupervisor): string => `${lostWords(lost).replace(/^t/, 'T')}.`;

const nameOf = ({ name, pid }: { readonly name: string; readonly pid: number }): string => `${name} (PID ${pid})`;
const time = (at: number): string => new Date(at).toISOString();
