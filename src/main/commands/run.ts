import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { isLockHeld, listProcessLocks } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { openDataDir } from '../open-data-dir.ts';
import type { Role, Started } from '../run-process.ts';
import { argument, waitOf } from './arguments.ts';
import { banner } from './banner.ts';
import { CommandError, EXIT, loadConfigOrThrow, print } from './outcome.ts';

const ROLES: readonly { readonly role: Role; readonly what: string }[] = [
  { role: 'start', what: 'bot, worker and web page in one process' },
  { role: 'bot', what: 'answer messages, deliver results, serve page and API; keep no promises' },
  { role: 'worker', what: 'keep promises; as many of these as you like beside one bot' },
];

export const addRun = (program: Command): void => {
  for (const { role, what } of ROLES)
    program
      .command(role)
      .description(what)
      .option('--detach', 'go on in the background once it serves')
      .action(({ detach }: { detach?: boolean }) => {
        const config = loadConfigOrThrow();
        return detach ? runDetached(role, config) : runHere(role, config);
      });

  program
    .command('stop')
    .description('end the processes that run on this data: what is under way is finished or handed back first')
    .addOption(
      new Option('--timeout <span>', 'how long to wait for them: 45s, 2m, or seconds').argParser(argument(waitOf)).default(45_000, '45s'),
    )
    .action(({ timeout }: { timeout: number }) => stop(loadConfigOrThrow(), timeout));
};

const runHere = async (role: Role, config: Config): Promise<void> => {
  const ended = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ended.resolve());
  const background = process.send !== undefined;
  const { runProcess } = await import('../run-process.ts');
  try {
    await runProcess(role, config, {
      ...{ http: true, quiet: background, ended: ended.promise },
      onStarted: (started) => {
        if (background) process.send?.(started, () => process.disconnect());
        else print(banner(started, config));
      },
    });
  } catch (error) {
    throw isLockHeld(error)
      ? new CommandError(
          `already running on ${config.dataDir} (PID ${error.pid}). End it with ${commandHint('stop')}, or set KEPT_DATA_DIR for another one.`,
        )
      : error;
  }
  // Sockets of clients that never answer may linger; everything that matters is closed.
  process.exit(EXIT.ok);
};

/** Starts the same command in the background, and waits until it serves. */
const runDetached = async (role: Role, config: Config): Promise<void> => {
  openDataDir(config.dataDir);
  const logs = join(config.dataDir, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const outPath = join(logs, `${role}.out`);
  const out = openSync(outPath, 'w', 0o600);
  const child = fork(process.argv[1] as string, [role], { detached: true, stdio: ['ignore', out, out, 'ipc'] });
  const started = await firstWord(child);
  if (!started) throw new CommandError(`it did not start (see ${outPath}):\n${readFileSync(outPath, 'utf8').trim()}`);
  child.unref();
  print(banner(started, config));
};

const firstWord = (child: ChildProcess): Promise<Started | undefined> =>
  new Promise((resolve) => {
    child.once('message', (started) => resolve(started as Started));
    child.once('exit', () => resolve(undefined));
  });

const POLL_MS = 50;

const terminate = (pid: number): void => {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    // It has ended meanwhile by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

const stop = async ({ dataDir }: Config, timeoutMs: number): Promise<void> => {
  const processes = await listProcessLocks(dataDir);
  if (processes.length === 0) return print(`Nothing runs on ${dataDir}.`);
  // The locks say that these PIDs are ours, and alive; a PID file alone could name a stranger.
  for (const { pid } of processes) terminate(pid);
  const until = Date.now() + timeoutMs;
  let left = processes;
  while (left.length > 0 && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const alive = await listProcessLocks(dataDir);
    left = left.filter(({ pid }) => alive.some((one) => one.pid === pid));
  }
  if (left.length > 0) throw new CommandError(`still running after ${timeoutMs / 1000} s: PID ${left.map(({ pid }) => pid).join(', ')}`);
  print(`Stopped PID ${processes.map(({ pid }) => pid).join(', ')}.`);
};
