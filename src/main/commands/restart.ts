import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { findStranger } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { durationWords } from '../../domain/shared/duration.ts';
import { reasonOf } from '../../ports/index.ts';
import { isBotLock } from '../data-dir.ts';
import { CommandError, print } from '../failures.ts';
import { keepAlive } from '../keep-alive.ts';
import { readRunNote } from '../run-note.ts';
import { readStarted } from '../started.ts';
import { findRunning, type Running, stoppable } from '../stop-processes.ts';
import { isSuccessor, successorWords } from '../successors.ts';
import { ROLL_SIGNAL } from '../supervisor/protocol.ts';
import { findSupervisor, type Rolling, type SeenSupervisor, SUPERVISOR_LOCK, supervisorDir } from '../supervisor/state-file.ts';
import { argument, waitOf } from './arguments.ts';
import { type HeldProcess, holdDetached } from './detached.ts';
import { loadConfigOrThrow, printWarnings } from './outcome.ts';
import { wordsOf } from './run.ts';
import { lateWords, STOP_TIMEOUT_MS, stopTelling } from './stop.ts';

const UNTOUCHED = 'Nothing was restarted: what runs goes on as it is.';

interface RestartOptions {
  readonly rolling?: boolean;
  readonly timeout: number;
  readonly now?: boolean;
}

export const addRestart = (program: Command): void => {
  program
    .command('restart')
    .description('restart what runs in the background on this data, once its configuration is found good')
    .option('--rolling', 'one process after the other, under a supervisor: on PostgreSQL another bot takes over meanwhile')
    .addOption(
      new Option('--timeout <span>', 'how long to wait for the end of each: 45s, 2m, or seconds')
        .argParser(argument(waitOf))
        .default(STOP_TIMEOUT_MS, '60s'),
    )
    .option('--now', 'hand work back at once; kill what has not ended after --timeout: nothing is lost by that')
    .action(async (options: RestartOptions) => {
      const config = loadConfigOrThrow(UNTOUCHED);
      await keepAlive(restart(config, options));
    });
};

const restart = async (config: Config, options: RestartOptions): Promise<void> => {
  const { dataDir } = config;
  const [running, supervisor] = await Promise.all([findRunning(dataDir), findSupervisor(dataDir)]);
  if (running.length === 0) throw new CommandError(`nothing is running on ${dataDir}: start it with ${commandHint('start')}`);
  printWarnings(config);
  await requireGood(config, running);
  if (options.rolling) return roll(config, supervisor);
  await restartAll(config, running, supervisor, options);
};

/** A start that would fail is found before anything ends. */
const requireGood = async (config: Config, running: readonly Running[]): Promise<void> => {
  const { requireRestartable } = await import('../restartable.ts');
  const bot = running.find(({ role }) => isBotLock(role));
  const url = bot && readStarted(config.dataDir, bot.pid)?.url;
  // A port of 0 is any.
  const used = url === undefined || config.http.port === 0 ? config.http.port : Number(new URL(url).port);
  try {
    await requireRestartable(config, bot ? used : config.http.port);
  } catch (error) {
    throw error instanceof Error && error.name === 'SettingsError' ? error : new CommandError(`${reasonOf(error)}. ${UNTOUCHED}`);
  }
};

/** What starts each of them again, the bot first. Throws CommandError where somebody else has to. */
const commandsOf = (
  dataDir: string,
  running: readonly Running[],
  supervisor: SeenSupervisor | undefined,
): readonly (readonly string[])[] => {
  const commands: (readonly string[])[] = [];
  for (const one of running.filter(({ isSupervised }) => !isSupervised)) {
    if (isSuccessor(one)) throw new CommandError(`a restart is under way: ${successorWords(one)}. ${UNTOUCHED}`);
    const isSupervisor = one.role === SUPERVISOR_LOCK;
    const note = isSupervisor ? supervisor?.state : readRunNote(dataDir, one);
    if (!note) throw new CommandError(`PID ${one.pid} is only just starting, or of an older version. ${UNTOUCHED}`);
    if (note.startedBy !== 'background') throw new CommandError(`${ELSEWHERE[note.startedBy](one.pid)}. ${UNTOUCHED}`);
    commands.push('plan' in note ? wordsOf(note.plan) : [note.role]);
  }
  return commands.sort(([a = ''], [b = '']) => Number(a === 'worker') - Number(b === 'worker'));
};

const ELSEWHERE = {
  terminal: (pid: number) => `PID ${pid} runs in a terminal: end it there, and start it again`,
  service: (pid: number) =>
    `PID ${pid} is run by a service manager, which restarts it (\`systemctl restart kept\`); under a supervisor, ${commandHint('restart --rolling')} restarts what it runs`,
  supervisor: (pid: number) => `PID ${pid} is about to end, as its supervisor is gone`,
} as const;

const restartAll = async (
  config: Config,
  running: readonly Running[],
  supervisor: SeenSupervisor | undefined,
  { timeout, now = false }: RestartOptions,
): Promise<void> => {
  const { refusals } = stoppable(running);
  if (refusals.length > 0) throw new CommandError(`${refusals.join('. ')}. ${UNTOUCHED}`);
  const commands = commandsOf(config.dataDir, running, supervisor);
  // Loaded before the others end: that is most of the time that a start takes.
  const held: HeldProcess[] = [];
  print('Loading what takes over; what runs goes on meanwhile…');
  try {
    for (const words of commands) held.push(await holdDetached(words, config));
    const how = { timeoutMs: timeout, isNow: now };
    for (const one of held) one.succeed({ running, ...how });
    const { refusals, late, silentSince } = await stopTelling(config.dataDir, running, {
      ...how,
      leftAlone: 'They go on ending by themselves, and the new ones begin then.',
    });
    const problems = [...refusals, ...lateWords(late, timeout)];
    if (problems.length > 0) throw new CommandError(`${problems.join('. ')}. Nothing was started again`);
    print('What ran has ended; the new start…');
    for (const [i, one] of held.entries()) {
      const { banner, answersSince } = await one.begin(() => print('The bot answers; the workers start…'));
      print(banner);
      // The first one is the bot, where there is one.
      if (i === 0 && silentSince !== undefined) print(`Nobody answered for ${durationWords(answersSince - silentSince)}.`);
    }
  } catch (error) {
    for (const one of held) one.dismiss();
    throw error;
  }
};

const POLL_MS = 100;
/** A drain of each process, and a start. */
const ROLL_LIMIT_MS = 15 * 60_000;

const roll = async ({ dataDir, database }: Config, supervisor: SeenSupervisor | undefined): Promise<void> => {
  if (!supervisor)
    throw new CommandError(
      `--rolling is done by a supervisor (${commandHint('start --workers 2 --detach')}), and none runs here: ${commandHint('restart')} restarts all at once. ${UNTOUCHED}`,
      'restart/no-supervisor',
    );
  const { pid, startedAt, state } = supervisor;
  if (state?.phase !== 'running') throw new CommandError(`the supervisor (PID ${pid}) is ${state?.phase ?? 'starting'}. ${UNTOUCHED}`);
  const stranger = findStranger(supervisorDir(dataDir), SUPERVISOR_LOCK, { pid, startedAt });
  if (stranger !== undefined) throw new CommandError(`PID ${pid} was not asked: ${stranger}. ${UNTOUCHED}`);
  process.kill(pid, ROLL_SIGNAL);
  const rolled = await followRoll(dataDir, pid, state.rolling?.number ?? 0);
  const silence = rolled.unansweredMs ?? 0;
  const silent = silence === 0 ? 'Somebody answered all the time.' : `Nobody answered for ${durationWords(silence)} at the longest.`;
  if (rolled.failure !== undefined)
    throw new CommandError(`the restart went no further: ${rolled.failure}. What had not been restarted runs on. ${silent}`);
  print(`Restarted ${state.processes.map(({ name }) => name).join(', ')}, one after the other. ${silent}`);
  if (!database) print('With PostgreSQL, another bot would have answered meanwhile.');
};

/** Prints each step, and resolves to what it came to. */
const followRoll = async (dataDir: string, pid: number, before: number): Promise<Rolling> => {
  let told = '';
  for (const until = performance.now() + ROLL_LIMIT_MS; performance.now() < until; await sleep(POLL_MS)) {
    const seen = await findSupervisor(dataDir);
    if (seen?.pid !== pid) throw new CommandError(`the supervisor (PID ${pid}) ended meanwhile: see ${commandHint('logs')}`);
    const rolling = seen.state?.rolling;
    if (!rolling || rolling.number <= before) continue;
    if (rolling.isOver) return rolling;
    if (rolling.step !== undefined && rolling.step !== told) print(`The supervisor ${rolling.step}…`);
    told = rolling.step ?? told;
  }
  throw new CommandError(`the supervisor (PID ${pid}) is not done after ${durationWords(ROLL_LIMIT_MS)}: see ${commandHint('status')}`);
};
