import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { KEPT, type Site } from './kept-process.ts';
import { endWithUs } from './own-directory.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command as a person would, and waits for its end. `onStarted` gets the process while it runs. */
export const runKept = async (
  site: Pick<Site, 'root' | 'env'>,
  words: readonly string[],
  {
    env = {},
    input,
    onStarted,
    as = {},
  }: {
    env?: NodeJS.ProcessEnv;
    input?: string;
    onStarted?: (child: ChildProcess) => void;
    /** Default: whoever runs the tests. */
    as?: { readonly uid?: number; readonly gid?: number };
  } = {},
): Promise<Ended> => {
  const child = spawn(process.execPath, [KEPT, ...words], { cwd: site.root, env: { ...site.env, ...env }, stdio: 'pipe', ...as });
  endWithUs(child);
  const ended = once(child, 'close');
  child.stdin.end(input ?? '');
  onStarted?.(child);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await ended) as [number | null];
  return { code, stdout, stderr };
};
