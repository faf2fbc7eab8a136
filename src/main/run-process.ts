import { rmSync } from 'node:fs';
import { acquireProcessLock, endSoon, type ServiceManager } from '../adapters/system/index.ts';
import { type LoggedEvents, makeAuditEvents } from '../application/index.ts';
import type { Config } from '../config/index.ts';
import { type Drain, drainWords, inHandWords } from '../domain/index.ts';
import { present } from '../domain/shared/present.ts';
import { isPortError, reasonOf } from '../ports/index.ts';
import { auditConfiguration } from './audit-config.ts';
import { bindBot, type StartedBot, startBot } from './bot.ts';
import { type AppContext, makeAppContext } from './container.ts';
import { infoPath, lockName, type Role, runsPromises } from './data-dir.ts';
import { countWork, followDrain } from './drain.ts';
import { recordFilesRead } from './files-read.ts';
import { type LiveConfig, makeLiveConfig } from './live-config.ts';
import { logContentIfAsked } from './log-contents.ts';
import { serveMetrics, subscribeMetrics } from './metrics.ts';
import { bindMetrics } from './modules/metrics.ts';
import { openDataDir } from './open-data-dir.ts';
import { openLog } from './open-log.ts';
import { requireStartable } from './preflight.ts';
import { registerProcess } from './register-process.ts';
import { makeReload, type Reload } from './reload.ts';
import { makeRunNoteWriter, removeRunNote, type StartedBy, sweepRunNotes } from './run-note.ts';
import { pingSelf } from './self-ping.ts';
import { makeServiceVoice, type ServiceVoice, type Standing, statusWords } from './service.ts';
import type { Started } from './started.ts';
import { type Loss, noteLoss, takeLostSupervisor, tellLost } from './supervisor/lost.ts';
import { TOKENS } from './tokens.ts';
import { startTraces } from './traces.ts';
import { trackStats } from './track-stats.ts';
import { unusedMetricsPort } from './unused-metrics-port.ts';
import { sweepDrafts, writeWhole } from './whole-file.ts';
import { bindWorker, startWorker } from './worker.ts';

export type { Role };

/** A process that can't stop cleanly within this time exits: everything that matters is on disk. */
const STOP_TIMEOUT_MS = 40_000;

export interface ProcessRun {
  readonly http: boolean;
  readonly quiet: boolean;
  /** Told what the start waits for, as it comes on. */
  readonly onStarting?: (waitsFor: string) => void;
  readonly onStarted: (started: Started) => void;
  readonly ended: Promise<unknown>;
  /** Settles when running work must be cut short. */
  readonly hurried?: Promise<unknown>;
  /** Called with what the end waits for: once it was asked for, and each time that this changes. */
  readonly onStopping?: (drain: Drain) => void;
  /** Default: a person, in a terminal. */
  readonly startedBy?: StartedBy;
  /** Resolves where the supervisor of this process is gone, which ends this one as well. */
  readonly supervisorLost?: Promise<Loss>;
  /** Told how this process is, where one wants to be. */
  readonly manager?: ServiceManager | undefined;
  /** Handed what takes over a changed configuration at once, when the process serves. */
  readonly onReloadable?: (reload: () => Promise<void>) => void;
  /** Whether other processes of this installation listen at the same port. */
  readonly sharesPort?: boolean;
}

/**
 * Runs a role in this process until `ended` settles, then stops everything in order. Rejects, with everything stopped,
 * if the start fails. `onStarted` is called when the process is ready and its self-ping is done.
 */
export const runProcess = async (role: Role, config: Config, run: ProcessRun): Promise<void> => {
  run.onStarting?.('the data directory');
  await requireStartable(role, config, run);
  // The first look at the files finds what changes from here on.
  const live = makeLiveConfig(config);
  const opened = await openProcess(role, live, run);
  try {
    const { started, reload, unansweredMs } = await startParts(role, live, opened, run);
    const voice = await giveVoice(role, opened, run.manager, unansweredMs);
    run.onStarted(started);
    voice.ready();
    run.onReloadable?.(() => voice.reloading(reload.now));
    await run.ended;
    await beginStop(role, opened, run, voice);
  } catch (error) {
    // The message of an expected failure is enough: the command prints it.
    opened.events.emit({ type: 'process-failed', reason: reasonOf(error), ...(isPortError(error) ? {} : { error }) });
    throw error;
  } finally {
    await opened.close();
  }
};

interface OpenProcess {
  readonly root: AppContext;
  readonly events: LoggedEvents;
  /** Stops everything that was started, in order. */
  readonly close: () => Promise<void>;
  /** What is called once nothing more is told of its end. */
  endDrain: () => void;
}

interface StartedParts {
  readonly started: Started;
  readonly reload: Reload;
  readonly unansweredMs: () => number;
}

/** Takes the data directory for this role, and opens the log. Nothing runs yet. */
const openProcess = async (
  role: Role,
  live: LiveConfig,
  { quiet, startedBy = 'terminal', supervisorLost }: ProcessRun,
): Promise<OpenProcess> => {
  const { config } = live;
  openDataDir(config.dataDir);
  const lock = await acquireProcessLock(config.dataDir, lockName(role));
  const log = openLog(config, { quiet });
  const root = makeAppContext(config, log.logger, { logFault: log.fault, live });
  const events = await root.get(TOKENS.events);
  root.lifecycle.onStop('process lock', () => lock.release());
  sweepRunNotes(config.dataDir);
  sweepDrafts(config.dataDir);
  makeRunNoteWriter(config.dataDir, lockName(role), events)({ pid: process.pid, role, startedBy });
  supervisorLost?.then((loss) => noteLoss(config.dataDir, loss, events));
  const lost = startedBy === 'supervisor' || role === 'worker' ? undefined : await takeLostSupervisor(config.dataDir);
  if (lost) tellLost(lost, events);
  root.lifecycle.onStop('note of this process', () => {
    opened.endDrain();
    removeRunNote(config.dataDir, lockName(role));
  });
  root.lifecycle.onStop('log', () => {
    events.flush();
    return log.close();
  });
  // An uncaught error leaves this process in an unknown state: it ends, and the next start continues from the disk.
  const crash = (error: unknown): void => {
    events.emit({ type: 'process-crashed', reason: reasonOf(error), error });
    events.flush();
    void log.close().finally(() => endSoon(1));
  };
  process.once('uncaughtException', crash);
  // All our timers and watchers let a process end; this one keeps it alive until everything has stopped.
  const alive = setInterval(() => undefined, 2 ** 30);
  const close = async (): Promise<void> => {
    const giveUp = setTimeout(() => {
      events.flush();
      endSoon(1);
    }, STOP_TIMEOUT_MS).unref();
    await root.lifecycle.stop();
    clearTimeout(giveUp);
    clearInterval(alive);
    process.off('uncaughtException', crash);
  };
  const opened: OpenProcess = { root, events, close, endDrain: () => undefined };
  return opened;
};

/** Starts every part of the role. What a part needs is started before it, and so stops after it. */
const startParts = async (role: Role, live: LiveConfig, { root, events }: OpenProcess, run: ProcessRun): Promise<StartedParts> => {
  const { config } = live;
  await startTraces(role, config, root);
  await logContentIfAsked(root);
  const lock = lockName(role);
  root.lifecycle.onStop('record of files', recordFilesRead(config.dataDir, lock, config));
  for (const { place, problem, hint } of config.warnings) events.emit({ type: 'configuration-warned', place, problem, hint });
  if (role !== 'worker') bindBot(root, run);
  if (runsPromises(role)) bindWorker(root, lock);
  run.onStarting?.('the database and the model');
  // The model first: what is wrong with it ends the start before the tables are brought up to date.
  await root.get(TOKENS.model);
  const [opened, clock] = await Promise.all([root.get(TOKENS.storage), root.get(TOKENS.clock)]);
  const { unansweredMs } = await registerProcess(root, role);
  await auditConfiguration(opened, role, config, { clock });
  const reload = makeReload({ role, lock, live, storage: opened, clock, events });
  events.on(makeAuditEvents({ audit: opened.stores.audit, clock, events }));
  if ((role !== 'worker' && run.http) || config.http.metricsPort !== undefined) {
    bindMetrics(root.container, role);
    await subscribeMetrics(root);
  }
  await trackStats(root, { counts: true });
  const onTakeOver = (term: AppContext): void => {
    announceStart(role, root, { ...present({ url: bot.url }), botScope: term }).catch((error: unknown) =>
      events.emit({ type: 'takeover-not-told', reason: reasonOf(error), error }),
    );
  };
  if (role !== 'worker') run.onStarting?.('the gateways, and the port of page and API');
  const bot = role === 'worker' ? {} : await startBot(root, { http: run.http, onTakeOver });
  if (role !== 'worker') root.lifecycle.onStop('process information', () => rmSync(infoPath(config.dataDir, lock), { force: true }));
  if (runsPromises(role)) {
    run.onStarting?.('the queue of promises');
    await startWorker(root);
  }
  root.lifecycle.onStop('reload', () => reload.stop());
  reload.start();
  const metricsUrl = bot.url === undefined ? await serveMetrics(root) : undefined;
  const unused = unusedMetricsPort(bot.url, config);
  if (unused) events.emit({ type: 'configuration-warned', ...unused });
  run.onStarting?.('the ping of itself');
  const started = await announceStart(role, root, { ...bot, ...present({ metricsUrl }) });
  return { started, reload, unansweredMs };
};

/** Tells what this process is now: once it has started, and each time that it takes over. */
const announceStart = async (
  role: Role,
  { get }: AppContext,
  { url, metricsUrl, botScope: term, leader }: StartedBot & Pick<Started, 'metricsUrl'>,
): Promise<Started> => {
  const [config, events, { name: model }, { name: storage }] = await Promise.all([
    get(TOKENS.config),
    get(TOKENS.events),
    get(TOKENS.model),
    get(TOKENS.storage),
  ]);
  const started: Started = {
    role,
    pid: process.pid,
    model,
    storage,
    ...present({ url, metricsUrl, standsByFor: leader }),
    ...(term ? { selfPing: await pingSelf(term), ...(await telegramState(term)) } : {}),
  };
  if (role !== 'worker') writeWhole(infoPath(config.dataDir, lockName(role)), `${JSON.stringify(started)}\n`);
  const { pid: _, ...facts } = started;
  events.emit({ type: 'process-started', role, facts, ...present({ leader }) });
  return started;
};

/** What tells the service manager. */
const giveVoice = async (
  role: Role,
  { root, events }: OpenProcess,
  manager: ServiceManager | undefined,
  unansweredMs: () => number,
): Promise<ServiceVoice> => {
  const [clock, work] = await Promise.all([root.get(TOKENS.clock), countWork(root, role)]);
  const status = role === 'worker' ? undefined : await root.get(TOKENS.leaderStatus);
  const standing = (): Standing => (!status ? 'works' : status.botScope ? 'answers' : 'stands by');
  const voice = makeServiceVoice({ manager, standing, status: () => statusWords(standing(), work()), unansweredMs, clock, events });
  root.lifecycle.onStop('service manager', events.on(voice.listen));
  return voice;
};

/** Tells what the end waits for, until it comes. */
const beginStop = async (role: Role, opened: OpenProcess, run: ProcessRun, voice: ServiceVoice): Promise<void> => {
  const { root, events } = opened;
  const { startedBy = 'terminal', onStopping, hurried } = run;
  const [{ dataDir }, clock, count] = await Promise.all([root.get(TOKENS.config), root.get(TOKENS.clock), countWork(root, role)]);
  const words = inHandWords(count());
  events.emit({ type: 'process-stopping', role, waits: words === '' ? [] : [words] });
  let last: Drain | undefined;
  const write = makeRunNoteWriter(dataDir, lockName(role), events);
  const endFollowing = followDrain(count, clock, (drain) => {
    last = drain;
    write({ pid: process.pid, role, startedBy, drain });
    onStopping?.(drain);
  });
  const endTelling = voice.stopping(() => (last ? drainWords(last, clock.now()) : ''));
  opened.endDrain = () => {
    endFollowing();
    endTelling();
  };
  hurried?.then(root.lifecycle.hurry, root.lifecycle.hurry);
};

const telegramState = async ({ get }: AppContext): Promise<Pick<Started, 'telegram'>> => {
  const telegram = await get(TOKENS.telegram);
  return telegram ? { telegram: telegram.health().message } : {};
};
