import { readFileSync } from 'node:fs';
import { acquireProcessLock, type ServiceManager, systemClock, systemRandomness } from '../../adapters/system/index.ts';
import { makeLoggedEvents } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { CONFIG_EXIT, drainWords, inHandWords, supervisedWords } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { openDataDir } from '../open-data-dir.ts';
import { openLog } from '../open-log.ts';
import type { StartedBy } from '../run-note.ts';
import { makeServiceVoice } from '../service.ts';
import type { AskedBySignals } from '../signals.ts';
import type { Started } from '../started.ts';
import { VERSION } from '../version.ts';
import { spawnChild } from './child.ts';
import { findLostSupervisor, removeLoss, tellLost } from './lost.ts';
import { openOutput, outputPath, type PreloadedBot } from './preload.ts';
import { ROLL_SIGNAL } from './protocol.ts';
import { rollAll } from './roll.ts';
import type { Slot } from './slots.ts';
import {
  makeStateWriter,
  openSupervisorDir,
  type Rolling,
  SUPERVISOR_LOCK,
  type SupervisorPlan,
  type SupervisorState,
} from './state-file.ts';
import { makeSupervisor, NotStartedError } from './supervisor.ts';

export interface SupervisorRun {
  readonly plan: SupervisorPlan;
  /** The file of the command, which its processes run, too. */
  readonly program: string;
  readonly quiet: boolean;
  readonly startedBy: StartedBy;
  readonly asked: AskedBySignals;
  readonly manager: ServiceManager | undefined;
  /** Its first bot, where that was loaded before. */
  readonly bot?: PreloadedBot;
  /** Called once the first bot serves; the others still start. */
  readonly onAnswering?: () => void;
  readonly onStarted: (started: readonly Started[]) => void;
  /** Told what goes on while all of it ends. */
  readonly onStopping: (words: string) => void;
}

/** A process did not start. `output`: what it said of that. */
export class SupervisorFailedError extends Error {
  override readonly name = 'SupervisorFailedError';
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Starts a bot and its workers as processes of their own, and keeps them running until it is asked to end. Rejects with
 * SupervisorFailedError, with nothing left running, where one of them does not start, or where all were given up.
 */
export const runSupervisor = async (config: Config, run: SupervisorRun): Promise<void> => {
  const { plan, asked, manager, startedBy, quiet } = run;
  openDataDir(config.dataDir);
  const lost = await findLostSupervisor(config.dataDir);
  const lock = await acquireProcessLock(openSupervisorDir(config.dataDir), SUPERVISOR_LOCK);
  const log = openLog(config, { quiet });
  const events = makeLoggedEvents({ logger: log.logger, clock: systemClock });
  if (lost) tellLost(lost, events);
  removeLoss(config.dataDir);
  // All our timers let a process end.
  const alive = setInterval(() => undefined, 2 ** 30);
  let phase: SupervisorState['phase'] = 'starting';
  let rolling: Rolling | undefined;
  const write = makeStateWriter(config.dataDir, events);
  const publish = (): void => {
    const processes = supervisor.slots.map(({ state }) => state);
    write({ pid: process.pid, version: VERSION, startedBy, plan, phase, processes, ...present({ rolling }) });
    if (phase === 'stopping') run.onStopping(drainsOf(supervisor.slots, systemClock.now()));
  };
  let isAnswering = false;
  const tellAnswering = (): void => {
    if (isAnswering || supervisor.slots[0]?.state.phase !== 'running') return;
    isAnswering = true;
    run.onAnswering?.();
  };
  const supervisor = makeSupervisor({
    plan,
    spawn: ({ name, role }, isAgain, hear) =>
      (role === 'bot' ? run.bot?.take(hear) : undefined) ??
      spawnChild({
        program: run.program,
        role,
        env: process.env,
        output: openOutput(outputPath(config.dataDir, name), isAgain),
        now: systemClock.now,
        ...hear,
      }),
    clock: systemClock,
    randomness: systemRandomness,
    events,
    onChange: () => {
      publish();
      tellAnswering();
    },
  });
  const voice = makeServiceVoice({
    manager,
    standing: () => 'answers',
    status: () => wordsOf(supervisor.slots),
    unansweredMs: supervisor.unansweredMs,
    clock: systemClock,
    events,
  });

  let rolls: Promise<void> = Promise.resolve();
  const roll = async (): Promise<void> => {
    if (phase !== 'running') return;
    phase = 'rolling';
    const number = (rolling?.number ?? 0) + 1;
    const onStep = (step: string): void => {
      if (phase === 'stopping') throw new Error('a stop was asked for');
      rolling = { number, step, isOver: false };
      publish();
    };
    const rolled = await rollAll(supervisor, {
      canStandBy: config.database !== undefined,
      onStep,
      stopped: asked.ended,
      clock: systemClock,
    });
    rolling = { number, isOver: true, ...rolled };
    events.emit({ type: 'restart-rolled', ...rolled });
    if (phase === 'rolling') phase = 'running';
    publish();
  };

  // Before anybody is told of this process: the signal would end it.
  process.on(ROLL_SIGNAL, () => {
    rolls = rolls.then(roll);
  });
  asked.hurried.then(supervisor.hurry);

  try {
    publish();
    const starting = supervisor.start();
    const started = await Promise.race([starting, asked.ended]).catch((error: unknown) => {
      throw error instanceof NotStartedError ? notStarted(config.dataDir, error, run.bot) : error;
    });
    if (!started) {
      phase = 'stopping';
      publish();
      await supervisor.stop();
      // It ends by that.
      await starting.catch(() => undefined);
      return;
    }
    phase = 'running';
    publish();
    events.emit({ type: 'process-started', role: 'supervisor', facts: { ...plan } });
    voice.ready();
    asked.onReload(() => void voice.reloading(async () => supervisor.reload()));
    run.onStarted(started);
    const isGivenUp = await Promise.race([asked.ended.then(() => false), supervisor.givenUp.then(() => true)]);
    phase = 'stopping';
    events.emit({ type: 'process-stopping', role: 'supervisor', waits: [] });
    publish();
    const endTelling = voice.stopping(() => wordsOf(supervisor.slots));
    await rolls;
    await supervisor.stop();
    endTelling();
    if (isGivenUp) throw new SupervisorFailedError('every process was given up: the configuration has errors', CONFIG_EXIT);
  } finally {
    clearInterval(alive);
    events.flush();
    await log.close();
    await lock.release();
  }
};

/** `bot answers; 2 turns, worker-1 works; no work under way` */
const wordsOf = (slots: readonly Slot[]): string =>
  slots.map(({ state }) => `${state.name} ${supervisedWords(state, Date.now())}`).join(', ');

/** What those that end wait for: nothing is said of parts that close. */
const drainsOf = (slots: readonly Slot[], now: number): string =>
  slots
    .flatMap(({ name, state, drain }) =>
      state.phase === 'stopping' && drain && inHandWords(drain) !== '' ? [`${name} waits for ${drainWords(drain, now)}`] : [],
    )
    .join(', ');

const notStarted = (
  dataDir: string,
  { process: name, end, message }: NotStartedError,
  bot: PreloadedBot | undefined,
): SupervisorFailedError => {
  const path = outputPath(dataDir, name);
  const said = readFileSync(path)
    .subarray(name === 'bot' ? (bot?.outputFrom() ?? 0) : 0)
    .toString()
    .trim();
  return new SupervisorFailedError(`${message}; nothing was started (see ${path}):\n${said}`, end?.code === CONFIG_EXIT ? CONFIG_EXIT : 1);
};
