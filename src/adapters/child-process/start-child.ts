import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { StartChild } from '../../ports/adapter-kit/child-start.ts';
import { PortError, reasonOf } from '../../ports/index.ts';
import { bubblewrapArguments } from './bubblewrap.ts';
import { endGroup, guardGroup } from './process-group.ts';

const GRACE_MS = 500;
const STDERR_KEPT = 4_000;

/**
 * Starts commands in process groups of their own, which end with this process; in bubblewrap, where its command is
 * given. POSIX systems only.
 */
export const makeStartChild =
  (bubblewrap?: string): StartChild<ChildProcessWithoutNullStreams> =>
  ({ command, args, cwd, env, disk }) => {
    const [file, all] = bubblewrap === undefined ? [command, args] : [bubblewrap, [...bubblewrapArguments(disk, cwd), command, ...args]];
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
