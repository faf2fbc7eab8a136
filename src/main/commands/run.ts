import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { endSoon, isLockHeld } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { reasonOf } from '../../ports/index.ts';
import { logPath } from '../data-dir.ts';
import { openDataDir, SettingsError } from '../open-data-dir.ts';
import { outliveOutput } from '../output.ts';
import type { Role } from '../run-process.ts';
import type { Started } from '../started.ts';
import { banner } from './banner.ts';
import { CommandError, EXIT, loadConfigOrThrow, print, printWarnings } from './outcome.ts';

const ROLES: readonly { readonly role: Role; readonly what: string }[] = [
  { role: 'start', what: 'bot, worker and web page in one process' },
  { role: 'bot', what: 'answer messages, deliver results, serve the page and the API; run no promises' },
  { role: 'worker', what: 'run promises; any number of workers beside one bot' },
];

export const addRun = (program: Command): void => {
  for (const { role, what } of ROLES)
    program
      .command(role)
      .description(what)
      .option('--detach', 'run in the background')
      .action(({ detach }: { detach?: boolean }) => {
        const config = loadConfigOrThrow('Nothing was started.');
        return detach ? runDetached(role, config) : runHere(role, config);
      });
};

const runHere = async (role: Role, config: Config): Promise<void> => {
  outliveOutput();
  const { ended, hurried } = watchSignals();
  const background = process.send !== undefined;
  const { runProcess } = await import('../run-process.ts');
  try {
    await runProcess(role, config, {
      http: true,
      quiet: background,
      ended,
      hurried,
      onStarted: (started) => {
        if (background) tellParent(started);
        else print(banner(started, config));
      },
      onStopping: (waits) => {
        if (!background && waits.length > 0) print(`Stopping: waiting for ${waits.join(', ')}; ${HURRY}`);
      },
    });
  } catch (error) {
    throw inWords(error, config);
  }
  // Idle sockets of clients may linger; everything that matters is closed.
  endSoon(EXIT.ok);
};

const HURRY = process.stdout.isTTY ? 'press Ctrl-C again to stop now.' : 'send a second signal to stop now.';

/** npm forwards a Ctrl-C that its child already received: a second signal this soon is the same one. */
const SAME_SIGNAL_MS = 500;

/** The first signal ends the process, a second one hurries it. SIGHUP means that its terminal has closed. */
const watchSignals = (): { readonly ended: Promise<void>; readonly hurried: Promise<void> } => {
  const ended = Promise.withResolvers<void>();
  const hurried = Promise.withResolvers<void>();
  let firstAt: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (firstAt !== undefined && performance.now() - firstAt > SAME_SIGNAL_MS) hurried.resolve();
      firstAt ??= performance.now();
      ended.resolve();
    });
  return { ended: ended.promise, hurried: hurried.promise };
};

/** The parent may be gone; the process goes on. */
const tellParent = (started: Started): void => {
  if (!process.connected) return;
  process.send?.(started, () => {
    if (process.connected) process.disconnect();
  });
};

const inWords = (error: unknown, config: Config): unknown =>
  isLockHeld(error)
    ? new CommandError(
        `already running on ${config.dataDir} (PID ${error.pid}). Stop it with ${commandHint('stop')}, or set KEPT_DATA_DIR to another directory.`,
      )
    : error;

/** Starts the same command in the background, and waits until it is ready. */
const runDetached = async (role: Role, config: Config): Promise<void> => {
  printWarnings(config);
  const { requireStartable } = await import('../preflight.ts');
  await requireStartable(role, config).catch((error: unknown) => {
    throw inWords(error, config);
  });
  openDataDir(config.dataDir);
  const outPath = join(dirname(logPath(config.dataDir)), `${role}.out`);
  const out = openOutput(outPath);
  const child = fork(process.argv[1] as string, [role], { detached: true, stdio: ['ignore', out, out, 'ipc'] });
  const started = await firstWord(child);
  if (!started) throw new CommandError(`Kept did not start (see ${outPath}):\n${readFileSync(outPath, 'utf8').trim()}`);
  child.unref();
  print(banner(started, config));
};

/** The file that receives the output of a background process. */
const openOutput = (path: string): number => {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, 'w', 0o600);
  } catch (error) {
    throw new SettingsError(`KEPT_DATA_DIR: ${path} can't be written (${reasonOf(error)}).`);
  }
};

const firstWord = (child: ChildProcess): Promise<Started | undefined> =>
  new Promise((resolve) => {
    child.once('message', (started) => resolve(started as Started));
    child.once('exit', () => resolve(undefined));
  });
