import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Drain } from '../domain/index.ts';
import type { Role } from './data-dir.ts';

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

/** Written as a whole: others may read it at any moment. */
export const writeRunNote = (dataDir: string, lock: string, note: RunNote): void => {
  const path = notePath(dataDir, lock);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(note)}\n`, { mode: 0o600 });
  renameSync(draft, path);
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
