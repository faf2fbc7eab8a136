/** What watches the work of a process, for `telemetry.ts`: its log alone, or all that a bot that leads has beside. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openTraces } from '../src/adapters/opentelemetry/index.ts';
import { makePinoLogger } from '../src/adapters/pino/index.ts';
import { makeLogProbe, makeReadDiskRoom } from '../src/adapters/probes/index.ts';
import { makeMetrics } from '../src/adapters/prometheus/index.ts';
import { makeRedactor } from '../src/adapters/redaction/index.ts';
import { makeCorrelation } from '../src/adapters/system/index.ts';
import {
  makeAlertWatch,
  makeEvents,
  makeLogEvents,
  makeLoggedEvents,
  makeMeasuredSpans,
  makePerformanceTracker,
  makeProcessRegistration,
  makeReportStats,
  makeRunProbes,
} from '../src/application/index.ts';
import { type Config, loadConfig } from '../src/config/index.ts';
import { ALERT_POLL_MS } from '../src/domain/alert/evaluate.ts';
import type { KeptEvent } from '../src/domain/events/event.ts';
import { HEARTBEAT_MS } from '../src/domain/process/register.ts';
import { MAX_HELD } from '../src/domain/shared/backlog.ts';
import { makeProbes } from '../src/main/modules/health.ts';
import { gaugeSources } from '../src/main/modules/metrics.ts';
import { newestBackup } from '../src/main/newest-backup.ts';
import { VERSION } from '../src/main/version.ts';
import { type Clock, type Correlation, type Events, type Metrics, noCorrelation } from '../src/ports/index.ts';
import { type Engine, partsOf } from './promises/kept.ts';

/** What comes round, whatever work there is. */
export interface Upkeep {
  readonly what: string;
  readonly everyMs: number;
  run(): Promise<unknown>;
}

/** What is told of the work, and to whom. */
export interface Watching {
  readonly by: string;
  readonly events: Events;
  readonly correlation: Correlation;
  /** Before a round, and behind it: what was gathered in it is its own. */
  begin(): void;
  end(): Promise<void>;
  readonly upkeep: readonly Upkeep[];
  /** At the end of all rounds. */
  stop(): Promise<void>;
}

export const redact = makeRedactor([]);
const nothing = { begin: () => undefined, end: async () => undefined, upkeep: [] };
const logIn = (dir: string, name: string, correlation: Correlation) => {
  const file = join(dir, `${name.replaceAll(/[^a-z]+/g, '-')}.log`);
  return { ...makePinoLogger({ level: 'info', terminal: 'none', file, redact, current: correlation.current }), file };
};

/** With its log alone. */
export const unwatched = ({ clock }: ReturnType<typeof partsOf>, dir: string, by: string): Watching => {
  const log = logIn(dir, by, noCorrelation);
  return {
    by,
    events: makeEvents([makeLogEvents({ logger: log.logger, clock })]),
    correlation: noCorrelation,
    ...nothing,
    stop: log.close,
  };
};

/** Neither stats nor metrics count it. */
const UNCOUNTED: KeptEvent = { type: 'ledger-purged', count: 0 };

/** A scrape, as `deploy/prometheus/prometheus.yml` asks for it. */
const SCRAPE_MS = 15_000;
/** As the tracker of a process stores what it measured. */
const STORE_MS = 60_000;

/**
 * As in a bot that leads; with traces, all or a part of them, where it is `traced`. Its upkeep runs when it is called,
 * and never by itself.
 */
export const watched = async (
  engine: Engine,
  dir: string,
  by: string,
  traced?: { readonly endpoint: string; readonly sampled: number },
): Promise<Watching & { readonly metrics: Metrics }> => {
  const { clock, randomness } = partsOf(engine);
  const { stores, unitOfWork } = engine.storage;
  const correlation = makeCorrelation();
  const log = logIn(dir, by, correlation);
  const events = makeLoggedEvents({ logger: log.logger, clock });
  const called: Clock = { ...clock, after: () => () => undefined };
  const stats = makePerformanceTracker({ sketches: stores.sketches, unitOfWork, clock: called, randomness, events });
  events.on(stats.listen);
  const { metrics, scrape } = await metricsOf(engine, configIn(dir), log);
  events.on(metrics.listen);
  const registration = makeProcessRegistration({
    unitOfWork,
    identity: { ...identityIn(dir), id: randomness.id(), startedAt: clock.now() },
    workNow: async () => ({ standing: 'leads', promises: [], promiseCount: 0, answering: 0 }),
    clock: called,
    events,
  });
  const watch = alertWatchOf(engine, configIn(dir), events);
  let traces: ReturnType<typeof openTraces> | undefined;
  return {
    by,
    events,
    correlation,
    metrics,
    begin: () => {
      traces = traced === undefined ? undefined : openTraces({ ...traced, role: 'bench', version: '0', correlation, on: events.on, clock });
    },
    end: async () => {
      // What stats and metrics hold back is a cost of the round, too: so many events make them take in all.
      for (let n = 0; n < MAX_HELD; n++) for (const listen of [stats.listen, metrics.listen]) listen(UNCOUNTED);
      await traces?.stop();
    },
    upkeep: [
      { what: 'stats are stored', everyMs: STORE_MS, run: stats.stop },
      { what: 'metrics are read', everyMs: SCRAPE_MS, run: scrape },
      { what: 'rules of alerts are read', everyMs: ALERT_POLL_MS, run: watch.look },
      { what: 'a sign of life', everyMs: HEARTBEAT_MS, run: registration.start },
    ],
    stop: async () => {
      await stats.stop();
      await watch.stop();
      await registration.stop();
      await log.close();
    },
  };
};

/** Of a process without Telegram that answers by itself. */
const configIn = (dir: string): Config => {
  const env = { KEPT_MODELS: 'rehearsal', KEPT_DATA_DIR: dir };
  const loaded = loadConfig({ env, cwd: dir, readFile: () => undefined, kindOf: () => 'directory' });
  if (!loaded.ok) throw new Error(loaded.error.map(({ problem }) => problem).join('; '));
  return loaded.value;
};

const identityIn = (dataDir: string) => ({ role: 'start', host: hostname(), pid: process.pid, version: VERSION, dataDir });

/** With everything that gauges are read from in a process. `scrape` reads it anew each time. */
const metricsOf = async (engine: Engine, config: Config, log: ReturnType<typeof logIn>) => {
  const { clock } = partsOf(engine);
  const { storage } = engine;
  const diskRoom = makeReadDiskRoom(config.dataDir);
  let scrapes = 0;
  const later: Clock = { ...clock, elapsed: () => performance.now() + scrapes * SCRAPE_MS };
  const probes = makeProbes({
    config,
    clock,
    models: ['rehearsal'],
    storage: async () => storage,
    notion: async () => undefined,
    agents: [],
    askAgent: () => Promise.reject(new Error('nobody asks an agent here')),
    disk: { readRoom: diskRoom },
    ofProcess: [makeLogProbe(log.file, log.fault)],
  });
  const sources = await gaugeSources({
    role: 'start',
    config,
    storage,
    clock,
    probes: async () => probes,
    runProbes: makeRunProbes({ clock, redact }),
    diskRoom,
    knownBackup: async () => undefined,
    standing: async () => ({}),
  });
  const metrics = makeMetrics({ sources, clock: later, redact });
  const scrape = (): Promise<unknown> => {
    scrapes++;
    return metrics.read();
  };
  return { metrics, scrape };
};

const alertWatchOf = (engine: Engine, { alertRules, policy, dataDir }: Config, events: Events) => {
  const { clock, randomness } = partsOf(engine);
  return makeAlertWatch({
    processId: randomness.id(),
    rules: alertRules,
    storage: engine.storage,
    channels: [],
    clock,
    events,
    redact,
    sources: {
      policy,
      gateways: async () => [],
      measured: makeMeasuredSpans(makeReportStats({ sketches: engine.storage.stores.sketches, now: clock.now })),
      disk: makeReadDiskRoom(dataDir),
      newestBackup: () => newestBackup(dataDir),
    },
  });
};
