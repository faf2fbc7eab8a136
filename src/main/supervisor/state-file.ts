import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPaused, type LockHolder, readProcessLock } from '../../adapters/system/index.ts';
import type { Supervised } from '../../domain/index.ts';
import { type Events, reasonOf } from '../../ports/index.ts';
import type { StartedBy } from '../run-note.ts';
import { sweepDrafts, writeWhole } from '../whole-file.ts';

/** What is to run: a bot, so many workers, and maybe a bot that stands by. */
export interface SupervisorPlan {
  readonly workers: number;
  readonly hasStandby: boolean;
}

/** How a rolling restart went, or goes. */
export interface Rolling {
  /** Counted from 1, so that whoever asked for one knows its own. */
  readonly number: number;
  /** What it does now. */
  readonly step?: string;
  readonly failure?: string;
  /** The longest time in which nobody answered. */
  readonly unansweredMs?: number;
  readonly isOver: boolean;
}

/** What a supervisor says of itself, for whoever asks. */
export interface SupervisorState {
  readonly pid: number;
  readonly version: string;
  readonly startedBy: StartedBy;
  readonly plan: SupervisorPlan;
  readonly phase: 'starting' | 'running' | 'rolling' | 'stopping';
  readonly processes: readonly Supervised[];
  readonly rolling?: Rolling;
}

/** In a directory of its own: what it holds is no lock of a process that works on the data. */
export const SUPERVISOR_LOCK = 'supervisor';
export const supervisorDir = (dataDir: string): string => join(dataDir, 'supervisor');
export const statePath = (dataDir: string): string => join(supervisorDir(dataDir), 'state.json');

export const openSupervisorDir = (dataDir: string): string => {
  const directory = supervisorDir(dataDir);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  sweepDrafts(directory);
  return directory;
};

/** Writes it. Kept goes on where others can't be told of it, on a full disk say: that is told once. */
export const makeStateWriter = (dataDir: string, events: Events): ((state: SupervisorState) => void) => {
  let told = '';
  return (state) => {
    try {
      writeWhole(statePath(dataDir), `${JSON.stringify(state)}\n`);
      told = '';
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== told) events.emit({ type: 'supervisor-state-not-written', reason, error });
      told = reason;
    }
  };
};

/** The supervisor that runs on this data, and what it says of itself. */
export interface SeenSupervisor extends LockHolder {
  /** Undefined while it begins. */
  readonly state?: SupervisorState;
  /** It does nothing until SIGCONT: what ends meanwhile is not started again. */
  readonly isSuspended: boolean;
}

export const findSupervisor = async (dataDir: string): Promise<SeenSupervisor | undefined> => {
  const directory = supervisorDir(dataDir);
  const holder = await readProcessLock(directory, SUPERVISOR_LOCK);
  if (!holder) return undefined;
  const state = readState(dataDir);
  const isSuspended = isPaused(directory, SUPERVISOR_LOCK, holder);
  return { ...holder, isSuspended, ...(state?.pid === holder.pid ? { state } : {}) };
};

/** Those that are suspended, the supervisor first. */
export const suspendedOn = (
  dataDir: string,
  supervisor: SeenSupervisor | undefined,
  locks: readonly (LockHolder & { readonly role: string })[],
): readonly LockHolder[] => [
  ...(supervisor?.isSuspended ? [supervisor] : []),
  ...locks.filter(({ role, ...holder }) => isPaused(dataDir, role, holder)),
];

/** What the supervisor that ran last said of itself. */
export const readState = (dataDir: string): SupervisorState | undefined => {
  try {
    return JSON.parse(readFileSync(statePath(dataDir), 'utf8')) as SupervisorState;
  } catch {
    // Of a supervisor that begins, or was killed: there is none to be told of.
    return undefined;
  }
};
