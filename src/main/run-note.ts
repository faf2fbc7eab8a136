import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Drain } from '../domain/index.ts';
import { type Events, reasonOf } from '../ports/index.ts';
import type { Role } from './data-dir.ts';
import { writeWhole } from './whole-file.ts';

/** How a process was started: only whoever started it can start it again. */
export type StartedBy = 'terminal' | 'background' | 'service' | 'supervisor';

/** What a running process says of itself beside its lock. Whoever reads it needs no store. */
export interface RunNote {
  readonly pid: number;
  readonly role: Role;
  readonly startedBy: StartedBy;
  /** What it waits for, once it was asked to end. */
  readonly drain?: Drain;
}

export const RUN_NOTE = '.run.json';
const notePath = (dataDir: string, lock: string): string => join(dataDir, `${lock}${RUN_NOTE}`);

/** Writes it. A process works, and ends, where others can't be told of it: that is said once. */
export const makeRunNoteWriter = (dataDir: string, lock: string, events: Events): ((note: RunNote) => void) => {
  let told = '';
  return (note) => {
    try {
      writeWhole(notePath(dataDir, lock), `${JSON.stringify(note)}\n`);
      told = '';
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== told) events.emit({ type: 'run-note-not-written', reason, error });
      told = reason;
    }
  };
};

export const removeRunNote = (dataDir: string, lock: string): void => rmSync(notePath(dataDir, lock), { force: true });

/** Removes the notes of processes that were killed. */
export const sweepRunNotes = (dataDir: string): void => {
  for (const name of readdirSync(dataDir).filter((entry) => entry.endsWith(RUN_NOTE)))
    if (!existsSync(join(dataDir, `${name.slice(0, -RUN_NOTE.length)}.lock`))) rmSync(join(dataDir, name), { force: true });
};

/** The note of the process that holds that lock. Undefined where it wrote none, as older versions do. */
export const readRunNote = (dataDir: string, { role: lock, pid }: { readonly role: string; readonly pid: number }): RunNote | undefined => {
  try {
    const note = JSON.parse(readFileSync(notePath(dataDir, lock), 'utf8')) as RunNote | null;
    return note?.pid === pid ? note : undefined;
  } catch {
    // A note that is missing or damaged counts as none.
    return undefined;
  }
};
