import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as after } from 'node:timers/promises';
import { present } from '../../domain/shared/present.ts';
import { PortError, reasonOf } from '../../ports/index.ts';
import { endGroup, guardGroup } from './process-group.ts';

export interface ChildRun {
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the command. Default: empty. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. Default: empty. */
  readonly input?: string;
  readonly signal: AbortSignal;
  /** Time between SIGTERM and SIGKILL. Default: three seconds. */
  readonly graceMs?: number;
  /** Maximum characters of standard output to keep, from the start. Default: a million. */
  readonly maxOutputLength?: number;
  /** Lines of its standard error as they come; of many at once, the last. */
  readonly onErrorLine?: (line: string) => void;
}

export interface ChildEnd {
  /** Absent where a signal has ended it. */
  readonly exitCode?: number;
  readonly stdout: string;
  /** Whether output was cut. */
  readonly isCut: boolean;
  /** The end of what it wrote there. */
  readonly stderr: string;
}

const GRACE_MS = 3_000;
const MAX_OUTPUT = 1_000_000;
const STDERR_KEPT = 4_000;
/**
 * Time to read the rest of the output after the process ends. A stream that is still open then belongs to a process
 * that left the group.
 */
const DRAIN_MS = 500;

/**
 * Runs a command to its end, in a process group of its own. Resolves when the whole group is gone: what the command
 * leaves behind is ended with it, and all of it is ended when `signal` aborts, and when this process dies. Rejects with
 * PortError: `aborted`, once all have ended; `invalid-request` when the command can't be started. POSIX systems only.
 */
export const runChild = async (run: ChildRun): Promise<ChildEnd> => {
  const { command, args = [], cwd, env = {}, input = '', signal, graceMs = GRACE_MS } = run;
  if (signal.aborted) throw abortedError(command);
  const child = spawn(command, args, { env, detached: true, stdio: 'pipe', ...present({ cwd }) });
  const aborted = Promise.withResolvers<'aborted'>();
  const abort = (): void => aborted.resolve('aborted');
  signal.addEventListener('abort', abort, { once: true });
  const output = keepStart(child.stdout, run.maxOutputLength ?? MAX_OUTPUT);
  const errors = keepEnd(child.stderr, run.onErrorLine);
  // A command need not read its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);

  const group = await once(child, 'spawn').then(
    () => child.pid as number,
    (error: unknown) => {
      signal.removeEventListener('abort', abort);
      throw new PortError('invalid-request', `${command} can't be started: ${reasonOf(error)}`, { retryable: false, cause: error });
    },
  );
  const exited = once(child, 'exit');
  const closed = once(child, 'close');
  let dismiss = (): void => undefined;
  try {
    dismiss = await guardGroup(group, graceMs);
    const end = await Promise.race([exited, aborted.promise]);
    await endGroup(group, graceMs);
    await Promise.race([closed, after(DRAIN_MS)]);
    if (end === 'aborted') throw abortedError(command);
    const [code] = end as [number | null];
    return { ...(code === null ? {} : { exitCode: code }), ...output(), stderr: errors() };
  } catch (error) {
    await endGroup(group, graceMs);
    throw error;
  } finally {
    dismiss();
    signal.removeEventListener('abort', abort);
    child.stdout.destroy();
    child.stderr.destroy();
  }
};

const abortedError = (command: string): PortError => new PortError('aborted', `${command} was told to end`, { retryable: true });

const keepStart = (stream: Readable, most: number): (() => { readonly stdout: string; readonly isCut: boolean }) => {
  let stdout = '';
  let isCut = false;
  stream.setEncoding('utf8').on('data', (text: string) => {
    isCut ||= stdout.length + text.length > most;
    stdout += text.slice(0, most - stdout.length);
  });
  return () => ({ stdout: stdout.toWellFormed(), isCut });
};

const keepEnd = (stream: Readable, onLine?: (line: string) => void): (() => string) => {
  let kept = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    kept = (kept + text).slice(-STDERR_KEPT);
    const line = text.includes('\n') ? kept.split('\n').at(-2)?.trim() : undefined;
    if (line) onLine?.(line);
  });
  return () => kept.toWellFormed();
};
