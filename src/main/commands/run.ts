import { type Command, Option } from 'commander';
import { endSoon, isLockHeld, type ServiceManager, takeServiceManager } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint, type Drain, drainWords, inHandWords, wholeNumber } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { CommandError, EXIT, print, printError, UsageError } from '../failures.ts';
import { outliveOutput } from '../output.ts';
import type { StartedBy } from '../run-note.ts';
import type { Role } from '../run-process.ts';
import { hasTerminal, watchSignals } from '../signals.ts';
import type { Started } from '../started.ts';
import { awaitSuccession } from '../succession.ts';
import { awaitTurn, ownSupervisor } from '../supervised.ts';
import { findLostSupervisor, type Loss, lostSentence } from '../supervisor/lost.ts';
import { type ChildWord, WORKERS_WAIT } from '../supervisor/protocol.ts';
import type { SupervisorPlan } from '../supervisor/state-file.ts';
import { argument } from './arguments.ts';
import { banner, supervisorBanner } from './banner.ts';
import { runDetached } from './detached.ts';
import { loadConfigOrThrow } from './outcome.ts';

const ROLES: readonly { readonly role: Role; readonly what: string; readonly isHidden?: boolean }[] = [
  { role: 'start', what: 'bot, worker and web page in one process; with --workers or --standby, each in a process of its own' },
  { role: 'bot', what: 'answer messages, deliver results, serve the page and the API; run no promises' },
  { role: 'worker', what: 'run promises; any number of workers beside one bot' },
  // Of a supervisor alone: two bots on one data directory need somebody who knows of both.
  { role: 'standby', what: 'stand by for the bot of this data directory', isHidden: true },
];

const MAX_WORKERS = 64;

interface RunOptions {
  readonly detach?: boolean;
  readonly workers?: number;
  readonly standby?: boolean;
  readonly supervised?: boolean;
  readonly held?: boolean;
  readonly tells?: boolean;
}

export const addRun = (program: Command): void => {
  for (const { role, what, isHidden = false } of ROLES) {
    const command = program
      .command(role, { hidden: isHidden })
      .description(what)
      .option('--detach', 'run in the background')
      .addOption(new Option('--supervised', 'a supervisor has started this process').hideHelp())
      .addOption(new Option('--held', 'begin once the process that started this one says so').hideHelp())
      .addOption(new Option('--tells', 'tell the process that started this one what the start waits for').hideHelp());
    if (role === 'start')
      command
        .addOption(
          new Option('--workers <n>', 'a bot and so many workers, kept running by a supervisor').argParser(
            argument((text) => wholeNumber(text, 'a number of workers', 1, MAX_WORKERS)),
          ),
        )
        .option('--standby', 'also a bot that stands by and takes over at once (PostgreSQL)');
    command.action(async (options: RunOptions) => {
      const config = loadConfigOrThrow('Nothing was started.');
      const plan = planOf(options, config);
      if (options.supervised) return runSupervised(role, config);
      if (options.detach) {
        const lost = await findLostSupervisor(config.dataDir);
        if (lost) printError(lostSentence(lost));
        return runDetached(plan ? wordsOf(plan) : [role], config, () => requireRole(plan ? 'bot' : role, config));
      }
      return plan ? supervise(plan, config, options) : runHere(role, config, options);
    });
  }
};

/** Which processes a supervisor is to run; undefined where there is to be one process, without a supervisor. */
const planOf = ({ workers, standby }: RunOptions, { database }: Config): SupervisorPlan | undefined => {
  if (workers === undefined && standby === undefined) return undefined;
  if (standby && !database)
    throw new UsageError(
      '--standby needs PostgreSQL (DATABASE_URL): SQLite has one bot at a time, and a new one starts within seconds',
      'usage/standby-without-postgres',
    );
  return { workers: workers ?? 1, hasStandby: standby === true };
};

/** The words that start what a plan says. */
export const wordsOf = ({ workers, hasStandby }: SupervisorPlan): readonly string[] => [
  'start',
  '--workers',
  String(workers),
  ...(hasStandby ? ['--standby'] : []),
];

const runHere = async (role: Role, config: Config, { held = false, tells = false }: RunOptions): Promise<void> => {
  outliveOutput();
  const manager = takeServiceManager(process.env);
  const asked = watchSignals();
  const background = process.send !== undefined;
  const { runProcess } = await import('../run-process.ts');
  if (held && !(await awaitSuccession(config.dataDir, asked.ended))) return endSoon(EXIT.ok);
  try {
    await runProcess(role, config, {
      http: true,
      quiet: background,
      ended: asked.ended,
      hurried: asked.hurried,
      startedBy: startedBy(manager),
      manager,
      onReloadable: (reload) => asked.onReload(() => void reload()),
      onStarting: (waitsFor) => {
        if (tells) tellWait(waitsFor);
      },
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

/** Runs a role for a supervisor: it begins when that says so, and ends with it. */
const runSupervised = async (role: Role, config: Config): Promise<void> => {
  outliveOutput();
  const asked = watchSignals();
  const lost = Promise.withResolvers<Loss>();
  const supervisor = ownSupervisor((pid) => {
    lost.resolve({ supervisor: pid, at: Date.now() });
    asked.end();
  });
  const { runProcess } = await import('../run-process.ts');
  if (!(await awaitTurn())) return endSoon(EXIT.ok);
  try {
    await runProcess(role, config, {
      http: true,
      quiet: true,
      ended: asked.ended,
      hurried: asked.hurried,
      startedBy: 'supervisor',
      supervisorLost: lost.promise,
      manager: supervisor.manager,
      sharesPort: config.database !== undefined && process.platform === 'linux',
      onReloadable: (reload) => asked.onReload(() => void reload()),
      onStarting: supervisor.starting,
      onStarted: supervisor.started,
      onStopping: supervisor.draining,
    });
  } catch (error) {
    throw inWords(error, config);
  }
  endSoon(EXIT.ok);
};

/** Runs a supervisor in this process. */
const supervise = async (plan: SupervisorPlan, config: Config, { held = false, tells = false }: RunOptions): Promise<void> => {
  outliveOutput();
  const manager = takeServiceManager(process.env);
  const asked = watchSignals();
  const background = process.send !== undefined;
  const { runSupervisor, SupervisorFailedError } = await import('../supervisor/run-supervisor.ts');
  let last = '';
  const program = process.argv[1] as string;
  const bot = held ? (await import('../supervisor/preload.ts')).preloadBot(config.dataDir, program) : undefined;
  // What does not load fails again once it is started, and says why.
  await bot?.loaded.catch(() => undefined);
  if (held && !(await awaitSuccession(config.dataDir, asked.ended))) return endSoon(EXIT.ok);
  try {
    await runSupervisor(config, {
      plan,
      program,
      ...present({ bot }),
      quiet: background,
      startedBy: startedBy(manager),
      asked,
      manager,
      onAnswering: () => {
        if (tells) tellWait(WORKERS_WAIT);
      },
      onStarted: (started) => {
        if (background) tellParent(started);
        else print(supervisorBanner(started, config, process.pid));
      },
      onStopping: (words) => {
        if (!background && words !== '' && words !== last) print(`Stopping: ${words}; ${HURRY}`);
        last = words;
      },
    });
  } catch (error) {
    throw error instanceof SupervisorFailedError ? new CommandError(error.message, 'start/failed', error.exitCode) : inWords(error, config);
  }
  endSoon(EXIT.ok);
};

const startedBy = (manager: ServiceManager | undefined): StartedBy =>
  process.send !== undefined ? 'background' : manager || isService(process.env) ? 'service' : 'terminal';

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
const tellWait = (waitsFor: string): void => {
  if (process.connected) process.send?.({ kept: 'starting', waitsFor } satisfies ChildWord, () => undefined);
};

/** The same; nothing more is said after that. */
const tellParent = (started: Started | readonly Started[]): void => {
  if (!process.connected) return;
  process.send?.(started as object, () => {
    if (process.connected) process.disconnect();
  });
};

const inWords = (error: unknown, config: Config): unknown =>
  isLockHeld(error)
    ? new CommandError(
        `already running on ${config.dataDir} (PID ${error.pid}). Stop it with ${commandHint('stop')}, or set KEPT_DATA_DIR to another directory.`,
      )
    : error;

const requireRole = async (role: Role, config: Config): Promise<void> => {
  const { requireStartable } = await import('../preflight.ts');
  await requireStartable(role, config).catch((error: unknown) => {
    throw inWords(error, config);
  });
};
