import { type ChildProcess, fork } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { ServiceFields } from '../../adapters/system/index.ts';
import type { Drain, ProcessEnd } from '../../domain/index.ts';
import type { Role } from '../data-dir.ts';
import type { Started } from '../started.ts';
import { isChildWord } from './protocol.ts';

/** One start of a supervised process. */
export interface Child {
  readonly pid: number | undefined;
  /** Resolves once its code is loaded; it waits then. */
  readonly loaded: Promise<void>;
  /** Resolves once it serves. Rejects with ChildEndedError where it ends before. */
  readonly started: Promise<Started>;
  /** What its start waits for, as far as it has said so. */
  waitsFor(): string;
  readonly ended: Promise<ProcessEnd>;
  hasEnded(): boolean;
  begin(): void;
  kill(signal: NodeJS.Signals): void;
}

/** A process ended before it served. */
export class ChildEndedError extends Error {
  override readonly name = 'ChildEndedError';
  readonly end: ProcessEnd;
  constructor(end: ProcessEnd) {
    super('it ended before it served');
    this.end = end;
  }
}

/** What a process is heard to say. */
export interface Heard {
  /** What the process tells of itself. */
  readonly onTold: (fields: ServiceFields) => void;
  /** Called where it ends, and what it waits for changes. */
  readonly onDraining: (drain: Drain) => void;
  /** Called for each sign that its loop turns. */
  readonly onAlive: () => void;
}

export interface SpawnParts extends Heard {
  /** The file that is run: the command itself. */
  readonly program: string;
  readonly role: Role;
  readonly env: NodeJS.ProcessEnv;
  /** Receives what it prints. Closed here. */
  readonly output: number;
  readonly now: () => number;
}

/** Starts a process in a session of its own: a Ctrl-C in the terminal is for its supervisor, which knows the order. */
export const spawnChild = ({ program, role, env, output, onTold, onDraining, onAlive, now }: SpawnParts): Child => {
  const child = fork(program, [role, '--supervised'], { detached: true, env, stdio: ['ignore', output, output, 'ipc'] });
  closeSync(output);
  const loaded = Promise.withResolvers<void>();
  const started = Promise.withResolvers<Started>();
  let waitsFor = 'its code to be loaded';
  let servesSince: number | undefined;
  child.on('message', (word) => {
    if (!isChildWord(word)) return;
    onAlive();
    if (word.kept === 'loaded') loaded.resolve();
    if (word.kept === 'starting') waitsFor = word.waitsFor;
    if (word.kept === 'told') onTold(word.fields);
    if (word.kept === 'draining') onDraining(word.drain);
    if (word.kept === 'started') {
      servesSince = now();
      started.resolve(word.started);
    }
  });
  const ended = endOf(child, now, () => servesSince);
  ended.then((end) => {
    loaded.reject(new ChildEndedError(end));
    started.reject(new ChildEndedError(end));
  });
  // Whoever waits for them is told; often nobody does.
  for (const each of [loaded.promise, started.promise]) each.catch(() => undefined);
  return {
    pid: child.pid,
    loaded: loaded.promise,
    started: started.promise,
    waitsFor: () => waitsFor,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    begin: () => {
      if (child.connected) child.send({ kept: 'begin' }, () => undefined);
    },
    kill: (signal) => void child.kill(signal),
  };
};

const endOf = (child: ChildProcess, now: () => number, servesSince: () => number | undefined): Promise<ProcessEnd> =>
  new Promise((resolve) => {
    const end = (code: number | null, signal: string | null): void => {
      const at = now();
      const since = servesSince();
      resolve({ code, signal, at, servedMs: since === undefined ? 0 : at - since });
    };
    child.once('exit', end);
    // It could not be started at all.
    child.once('error', () => {
      if (child.pid === undefined) end(1, null);
    });
  });
