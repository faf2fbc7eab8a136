/**
 * Cleans up after the process that forked it, however that one ends, `kill -9` included: the processes that it was told
 * of are ended, and the directories removed. It runs in a session of its own, so Ctrl-C in the terminal does not reach
 * it.
 */
import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { sep } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Kept } from './own-directory.ts';

const GRACE_MS = 5_000;
const directories = new Set<string>();
const processes = new Set<number>();

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  // It may have ended by itself meanwhile.
  if (isAlive(pid)) process.kill(pid, name);
};

/** SIGQUIT ends PostgreSQL and its children at once, and frees the shared memory. */
const endProcesses = async (): Promise<void> => {
  for (const pid of processes) signal(pid, 'SIGQUIT');
  const deadline = Date.now() + GRACE_MS;
  while ([...processes].some(isAlive) && Date.now() < deadline) await wait(5);
  for (const pid of processes) signal(pid, 'SIGKILL');
};

/** Whether a process of Linux works in one of the directories, or has one for its temporary files. */
const isInside = async (pid: string): Promise<boolean> => {
  const [cwd, environment] = await Promise.all([
    readlink(`/proc/${pid}/cwd`).catch(() => ''),
    readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
  ]);
  return [...directories].some(
    (directory) => `${cwd}${sep}`.startsWith(directory + sep) || environment.split('\0').includes(`TMPDIR=${directory}`),
  );
};

/** Ends what the directories' processes have left running, as far as the system can tell. */
const endStrays = async (): Promise<void> => {
  const pids = await readdir('/proc').catch(() => []);
  for (const pid of pids) if (Number(pid) > 1 && pid !== `${process.pid}` && (await isInside(pid))) signal(Number(pid), 'SIGKILL');
};

const clean = async (): Promise<void> => {
  await endProcesses();
  await endStrays();
  for (const directory of directories) await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
};

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
process.on('message', ({ what, isKept }: Kept) => {
  const all: Set<string | number> = typeof what === 'string' ? directories : processes;
  if (isKept) all.add(what);
  else all.delete(what);
});
process.on('disconnect', async () => {
  await clean();
  process.exit();
});
