import Database from 'better-sqlite3-13';
import { openJobStorage } from '../../src/adapters/postgres/job-storage.ts';
import { makeSqliteChangeFeed } from '../../src/adapters/sqlite/change-feed.ts';
import { makeSqliteQueue } from '../../src/adapters/sqlite/queue.ts';
import { openSqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import { systemClock, systemRandomness } from '../../src/adapters/system/index.ts';
import { homingStorage, makeCommands, makeWorker } from '../../src/application/index.ts';
import {
  type AgentPromise,
  DEFAULT_PROMISE_AGENT,
  DEFAULT_RETRY,
  makePromise,
  NO_USAGE,
  operatorOnly,
  transition,
} from '../../src/domain/index.ts';
import { type ChangeFeed, type PromiseExecutor, type Storage, silentLogger } from '../../src/ports/index.ts';
import { telegramChat, telegramMessage, telegramUser } from '../../src/testing/index.ts';
import type { Contender, OpenQueue } from './contender.ts';

/** So many that no chat's share of the workers (8 at once) stands in the way. */
const CHATS = 200;

export interface Engine {
  readonly storage: Storage;
  readonly changes: ChangeFeed;
  /** Runs one statement, and resolves to its rows. */
  query<Row>(sql: string): Promise<readonly Row[]>;
  close(): Promise<void>;
}

const FULL = 'power loss (synchronous=FULL)';
const NORMAL = 'kill -9 (synchronous=NORMAL)';
export const FSYNC = 'power loss (fsync)';

export const openEmbedded = async (path: string): Promise<Engine> => {
  const sqlite = await openSqliteStorage({ path });
  const changes = makeSqliteChangeFeed(path);
  const storage = { ...sqlite, queue: makeSqliteQueue(sqlite) };
  return {
    storage,
    changes,
    query: (statement) => sqlite.sql.write(({ query }) => query(statement)),
    close: async () => {
      changes.close();
      await sqlite.close();
    },
  };
};

export const openOnPostgres = async (url: string): Promise<Engine> => {
  const postgres = await openJobStorage({ url });
  return {
    storage: postgres,
    changes: postgres.changes,
    query: (statement) => postgres.sql.write(({ query }) => query(statement)),
    close: () => postgres.close(),
  };
};

/** What bot, worker and commands are made from; jitter is none, so that it is known when a retry is due. */
export const partsOf = ({ storage, changes }: Engine) => ({
  // As in every process: chats of people never go on under another id.
  storage: homingStorage(storage, () => false),
  changes,
  clock: systemClock,
  randomness: { ...systemRandomness, fraction: () => 0 },
  logger: silentLogger,
  policy: operatorOnly('/'),
  redact: (text: string) => text,
  retry: DEFAULT_RETRY,
});

export const startWorker = async (engine: Engine, concurrency: number, executor: PromiseExecutor): Promise<() => Promise<void>> => {
  const { worker } = makeWorker({
    ...partsOf(engine),
    runAgent: () => Promise.reject(new Error('no agent runs here')),
    workerId: systemRandomness.id(),
    executor,
    settings: { concurrency },
  });
  worker.start();
  return () => worker.stop(10_000);
};

/** Who asks, each in a chat of their own. */
export const originOf = (number: number) => {
  const id = 1_000 + (number % CHATS);
  return {
    chatId: telegramChat(id),
    chatKind: 'direct' as const,
    messageId: telegramMessage(1 + number),
    requestedBy: { id: telegramUser(id) },
  };
};

/** Promises as `makePromise` drafts them, stored by one unit of work. */
export const addPromises = async ({ unitOfWork }: Storage, texts: readonly string[]): Promise<void> => {
  await unitOfWork.run(async ({ promises }) => {
    const ids = await promises.reserveIds(texts.length);
    await promises.add(
      ids.map((id, at) => {
        const origin = originOf(id);
        return makePromise({
          id,
          ...origin,
          description: texts[at] ?? '',
          agent: DEFAULT_PROMISE_AGENT,
          taskType: 'analysis',
          tenant: origin.chatId,
          priority: 5,
          dependsOn: [],
          retry: DEFAULT_RETRY,
          metadata: {},
          createdAt: Date.now(),
        });
      }),
    );
  });
};

const queueOver = (engine: Engine, work: OpenQueue['work']): OpenQueue => {
  const { storage } = engine;
  const { makePromise: make } = makeCommands(partsOf(engine));
  let made = 0;
  return {
    add: async (description) => {
      const promise = await make({ description }, originOf(made++));
      if (!promise.ok) throw new Error(promise.error.message);
    },
    addMany: (texts) => addPromises(storage, texts),
    work,
    left: async () => {
      const { pending, in_progress, waiting } = await storage.stores.promises.stats();
      return pending + in_progress + waiting;
    },
    close: () => engine.close(),
  };
};

/**
 * With its real worker: each outcome is queued for its chat, and added to its conversation, by the commit that settles
 * the promise.
 */
const withWorker = (engine: Engine): OpenQueue =>
  queueOver(engine, (concurrency, onJob) =>
    startWorker(engine, concurrency, {
      execute: async ({ description }) => {
        onJob(description);
        return { text: 'done', usage: NO_USAGE };
      },
    }),
  );

/** Its queue and store of promises alone: claims, and saves what it claimed as completed. No chat hears of it. */
const withoutWorker = (engine: Engine): OpenQueue =>
  queueOver(engine, async (concurrency, onJob) => {
    const { queue, stores } = engine.storage;
    const workerId = systemRandomness.id();
    const complete = (promise: AgentPromise): AgentPromise => {
      const done = transition(promise, { type: 'complete', at: Date.now(), workerId, attempt: promise.attempts, result: 'done' });
      if (!done.ok) throw new Error(done.error.message);
      return done.value;
    };
    let stopped = false;
    let wake = (): void => undefined;
    const unsubscribe = engine.changes.subscribe(() => wake());
    const run = async (): Promise<void> => {
      while (!stopped) {
        const claimed = await queue.claim({ workerId, now: Date.now(), leaseMs: 30_000, limit: concurrency, tenantConcurrency: 8 });
        for (const { description } of claimed) onJob(description);
        if (claimed.length > 0)
          await stores.promises.update(
            claimed.map(({ id }) => id),
            complete,
          );
        else if (!stopped) await new Promise<void>((resolve) => (wake = resolve));
      }
    };
    const running = run();
    return async () => {
      stopped = true;
      wake();
      unsubscribe();
      await running;
    };
  });

export const kept: Contender = {
  name: 'Kept, embedded',
  store: 'SQLite',
  durability: FULL,
  open: async (path) => withWorker(await openEmbedded(path)),
};

/** There is no such setting: what it would do if there were. */
export const keptNormal: Contender = {
  name: 'Kept, embedded, NORMAL',
  store: 'SQLite',
  durability: NORMAL,
  open: async (path) => {
    const { pragma } = Database.prototype;
    Database.prototype.pragma = function (sql, options) {
      return pragma.call(this, sql.replace('synchronous = FULL', 'synchronous = NORMAL'), options);
    };
    return withWorker(await openEmbedded(path));
  },
};

export const keptQueue: Contender = {
  name: 'Kept, embedded, its queue alone',
  store: 'SQLite',
  durability: FULL,
  open: async (path) => withoutWorker(await openEmbedded(path)),
};

export const keptPostgres: Contender = {
  name: 'Kept on PostgreSQL',
  store: 'PostgreSQL',
  durability: FSYNC,
  open: async (url) => withWorker(await openOnPostgres(url)),
};

export const keptPostgresQueue: Contender = {
  name: 'Kept on PostgreSQL, its queue alone',
  store: 'PostgreSQL',
  durability: FSYNC,
  open: async (url) => withoutWorker(await openOnPostgres(url)),
};
