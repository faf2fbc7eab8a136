import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { PortError, reasonOf } from '../../ports/index.ts';
import { bubblewrapArguments, type Room } from './bubblewrap.ts';
import { endGroup, guardGroup } from './process-group.ts';

/** A command that runs until it is ended. */
export interface ChildStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What it sees of the disk, where bubblewrap is there. */
  readonly room: Room;
}

export interface StartedChild {
  readonly process: ChildProcessWithoutNullStreams;
  /** Rejects with PortError if it can't be started. */
  readonly started: Promise<void>;
  /** The end of what it wrote to standard error. */
  errors(): string;
  /** Ends its whole process group: SIGTERM, then SIGKILL. Resolves when all are gone. May be called more than once. */
  end(): Promise<void>;
}

/** Starts a command at once. */
export type StartChild = (start: ChildStart) => StartedChild;

const GRACE_MS = 500;
const STDERR_KEPT = 4_000;

/**
 * Starts commands in process groups of their own, which end with this process; in bubblewrap, where its command is
 * given. POSIX systems only.
 */
export const makeStartChild =
  (bubblewrap?: string): StartChild =>
  ({ command, args, cwd, env, room }) => {
    const [file, all] = bubblewrap === undefined ? [command, args] : [bubblewrap, [...bubblewrapArguments(room, cwd), command, ...args]];
    const child = spawn(file, all, { cwd, env, detached: true, stdio: 'pipe' });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-STDERR_KEPT);
    });
    // A command need not read its input.
    child.stdin.on('error', () => undefined);
    const guarded = guardedOnce(child, command);
    const end = async (): Promise<void> => {
      if (child.pid !== undefined) await endGroup(child.pid, GRACE_MS);
      await guarded.then(
        (dismiss) => dismiss(),
        () => undefined,
      );
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    };
    let ending: Promise<void> | undefined;
    const started = guarded.then(() => undefined);
    // Who waits for it is told.
    started.catch(() => undefined);
    return {
      process: child,
      started,
      errors: () => errors.toWellFormed(),
      end: () => {
        ending ??= end();
        return ending;
      },
    };
  };

/** Resolves once the command runs and has its guard. */
const guardedOnce = async (child: ChildProcessWithoutNullStreams, command: string): Promise<() => void> => {
  await once(child, 'spawn').catch((error: unknown) => {
    throw new PortError('invalid-request', `${command} can't be started: ${reasonOf(error)}`, { retryable: false, cause: error });
  });
  return guardGroup(child.pid as number, GRACE_MS);
};
