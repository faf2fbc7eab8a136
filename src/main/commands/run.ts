import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { endSoon, isLockHeld, takeServiceManager } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint, type Drain, drainWords, inHandWords } from '../../domain/index.ts';
import { reasonOf } from '../../ports/index.ts';
import { logPath } from '../data-dir.ts';
import { openDataDir, SettingsError } from '../open-data-dir.ts';
import { outliveOutput } from '../output.ts';
import type { Role } from '../run-process.ts';
import { hasTerminal, watchSignals } from '../signals.ts';
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
  const manager = takeServiceManager(process.env);
  const asked = watchSignals();
  const background = process.send !== undefined;
  const { runProcess } = await import('../run-process.ts');
  try {
    await runProcess(role, config, {
      http: true,
      quiet: background,
      ended: asked.ended,
      hurried: asked.hurried,
      startedBy: background ? 'background' : manager || isService(process.env) ? 'service' : 'terminal',
      manager,
      onReloadable: (reload) => asked.onReload(() => void reload()),
      onStarted: (started) => {
        if (background) tellParent(started);
        else print(banner(started, config));
      },
      onStopping: background ? () => undefined : drainPrinter(),
    });
  } catch (error) {
    throw inWords(error, config);
  }
  // Idle sockets of clients may linger; everything that matters is closed.
  endSoon(EXIT.ok);
};

/** Whether systemd or launchd runs this process. A terminal inside of a service has their variables, too. */
const isService = ({ INVOCATION_ID: systemd, XPC_SERVICE_NAME: launchd = '0' }: NodeJS.ProcessEnv): boolean =>
  (systemd !== undefined || launchd !== '0') && !hasTerminal();

/** Prints what is waited for, as it changes. */
const drainPrinter = (): ((drain: Drain) => void) => {
  let hint = `; ${HURRY}`;
  return (drain) => {
    if (inHandWords(drain) === '') return;
    print(`Stopping: waiting for ${drainWords(drain, Date.now())}${hint}`);
    hint = '';
  };
};

const HURRY = process.stdout.isTTY ? 'press Ctrl-C again to stop now.' : 'send a second signal to stop now.';

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
