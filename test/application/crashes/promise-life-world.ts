import { strict as assert } from 'node:assert';
import { addPromises } from '../../../src/application/promises/store-promises.ts';
import { decidedIn } from '../../../src/domain/conversation/decision.ts';
import {
  type AgentPromise,
  type ChatId,
  isSettled,
  type OutboxItem,
  type PromiseId,
  type Schedule,
  type ScheduleId,
} from '../../../src/domain/index.ts';
import { PortError, type PromiseExecutor } from '../../../src/ports/index.ts';
import { buildDraft, buildPolicy, numberIn, telegramChat, telegramUser, workResult } from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, type Process, settle, WORK } from '../support/harness.ts';
import type { ProcessLifetime } from './process-lifetime.ts';
import { makeCuttableLife, makeUnreliable, makeWallClock, type When } from './promise-life-faults.ts';
import { makeLedger, resultOf } from './promise-life-ledger.ts';
import { untilUnwound } from './simulation.ts';

/** What becomes of a run; one that is deaf does not hear that it is told to end. */
export type Work = 'succeed' | 'slow' | 'fail' | 'fail for good' | 'hang' | 'deaf';
/** A promise to make; its parents are counted from the newest of its chat. */
export interface Wanted {
  readonly parents: readonly number[];
  readonly startInMs?: number;
  readonly deadlineInMs?: number;
}

const WORKERS = 3;
const PER_TENANT = 2;
/** A healthy worker renews its leases at each step. */
const STEP_MS = 10_000;
const ATTEMPT_TIMEOUT_MS = 120_000;
const GRACE_MS = 10_000;
/** Longer than a lease. */
const SLOW_MS = 45_000;
/** The latest that a deadline or a tick is seen by workers that live. */
const LATE_MS = 2 * STEP_MS;

interface Worker {
  readonly workerId: string;
  readonly process: Process;
  readonly life: ProcessLifetime;
  /** Its calls of any port wait from here on. */
  cutOff(): void;
  isCut(): boolean;
  /** They go on. */
  reconnect(): void;
}

interface Run {
  readonly life: ProcessLifetime;
  readonly signal: AbortSignal;
  readonly isDeaf: boolean;
}

/**
 * Workers that share one storage, and die, hang and lose their way; and what must be true of their promises meanwhile
 * and in the end.
 */
export const makePromiseLife = (seed: number) => {
  const steady = makeWorld({ seed });
  const clock = makeWallClock(steady.clock);
  const ledger = makeLedger(steady.storage, { perTenant: PER_TENANT });
  const { gateway, randomness } = steady;
  const { storage, faults } = ledger;
  const { promises, schedules, outbox } = storage.stores;
  const entry = { description: '', path: '' };
  const whitelist = {
    userIds: new Map(CHATS.map((chat) => [telegramUser(numberIn(chat)), entry])),
    usernames: new Map(),
    defaultDirectory: '/srv',
  };
  const policy = buildPolicy({ whitelist });
  const work: Work[] = [];
  const storageFailures: When[] = [];
  const runs = new Map<PromiseId, Set<Run>>();
  const workers: Worker[] = [];
  const dead: string[] = [];
  /**
   * Time itself has jumped: until every lease has been renewed or has run out since, two may be at one promise that
   * both believe is theirs.
   */
  let disturbedUntil = 0;
  const disturb = (): void => {
    disturbedUntil = steady.clock.now() + WORK.leaseMs + WORK.heartbeatMs;
  };

  const unreliable = makeUnreliable(storage, storageFailures);

  const begin = (promise: AgentPromise, run: Run): void => {
    const name = `promise #${promise.id}`;
    const others = runs.get(promise.id) ?? new Set();
    for (const other of others)
      if (!other.life.ended && !(other.signal.aborted && (other.isDeaf || other.life !== run.life)) && steady.clock.now() > disturbedUntil)
        faults.push(`${name} is run twice at once`);
    if ((promise.deadline ?? Number.POSITIVE_INFINITY) <= clock.now()) faults.push(`${name} is run past its deadline`);
    runs.set(promise.id, others.add(run));
  };

  const time = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  const executorOf = (life: ProcessLifetime): PromiseExecutor => ({
    execute: async (promise, { signal, progress }) => {
      const outcome = work.shift() ?? 'succeed';
      const run = { life, signal, isDeaf: outcome === 'deaf' };
      begin(promise, run);
      progress(outcome);
      try {
        if (outcome === 'hang') await untilUnwound(signal, clock);
        if (outcome === 'slow') await Promise.race([untilUnwound(signal, clock), time(SLOW_MS)]);
        if (outcome === 'deaf') await time(SLOW_MS);
        if (outcome === 'fail') throw new PortError('unavailable', 'busy', { retryable: true });
        if (outcome === 'fail for good') throw new PortError('invalid-request', 'impossible', { retryable: false });
        return workResult(resultOf(promise));
      } finally {
        runs.get(promise.id)?.delete(run);
      }
    },
  });

  const born = (): Worker => {
    const { life, ...wire } = makeCuttableLife();
    const workerId = randomness.id();
    const process = makeProcess(
      { ...steady, clock, storage: unreliable },
      {
        life,
        policy,
        workerId,
        executor: executorOf(life),
        work: { concurrency: 3, tenantConcurrency: PER_TENANT, attemptTimeoutMs: ATTEMPT_TIMEOUT_MS },
      },
    );
    process.worker.start();
    process.deadlines.start();
    process.ticks.start();
    return { workerId, process, life, ...wire };
  };
  /** Only one sends: the outbox is the bot's. */
  const deliverer = makeProcess({ ...steady, clock, storage: unreliable }, { policy }).deliverer;
  const admin = makeProcess({ ...steady, clock, storage }, { policy });

  const worker = (n: number): Worker => workers[n % WORKERS] as Worker;
  /** Those whose calls have waited while the clock was put: they are of another time when they go on. */
  const outOfTime = new Set<Worker>();
  const reconnect = (worker: Worker): void => {
    worker.reconnect();
    if (outOfTime.delete(worker)) disturb();
  };

  /** Whatever can happen at this moment of the clock has happened, and a worker that died is born anew. */
  const idle = async (): Promise<void> => {
    for (let rebirths = 0, hasDied = true; hasDied; rebirths++) {
      assert.ok(rebirths < 100, 'they never live');
      await settle();
      hasDied = false;
      for (const [n, { workerId, life }] of workers.entries())
        if (life.ended) {
          hasDied = true;
          dead.push(workerId);
          workers[n] = born();
        }
    }
    assert.deepEqual(faults, []);
  };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= STEP_MS) {
      clock.advance(Math.min(left, STEP_MS));
      await idle();
    }
  };

  const originOf = (chat: ChatId) => ({ chatId: chat, chatKind: 'direct' as const, requestedBy: { id: telegramUser(numberIn(chat)) } });
  const requestOf = ({ startInMs, deadlineInMs }: Wanted, dependsOn: readonly PromiseId[]) => ({
    description: 'task',
    dependsOn,
    ...(startInMs === undefined ? {} : { notBefore: clock.now() + startInMs }),
    ...(deadlineInMs === undefined ? {} : { deadline: clock.now() + (startInMs ?? 0) + deadlineInMs }),
  });
  /** In one commit, as a turn makes them. */
  const make = async (chatNumber: number, wanted: readonly Wanted[]): Promise<void> => {
    const origin = originOf(chatOf(chatNumber));
    const known = (await promises.find({ chatId: origin.chatId, newestFirst: true, limit: 10_000 })).map(({ id }) => id);
    const draft = buildDraft();
    const context = { ...origin, scope: { directory: '/srv' }, signal: new AbortController().signal, draft };
    for (const one of wanted) {
      const parents = one.parents.flatMap((parent) => known[parent % Math.max(1, known.length)] ?? []);
      const drafted = await admin.draftPromise(requestOf(one, parents), context);
      assert.ok(drafted.ok);
      known.unshift(drafted.value.promise.id);
    }
    await storage.unitOfWork.run((stores) => addPromises(stores, decidedIn(draft).promises, clock.now(), randomness));
    await idle();
  };

  const command = async (n: number, statuses: readonly AgentPromise['status'][], act: (id: PromiseId) => Promise<unknown>) => {
    const open = await promises.find({ limit: 10_000, statuses });
    const promise = open[n % Math.max(1, open.length)];
    if (promise) await act(promise.id);
    await idle();
  };

  const activeSchedules = (): Promise<readonly Schedule[]> => schedules.find({ activeOnly: true, limit: 1_000 });
  const end = async (id: ScheduleId): Promise<void> => {
    assert.ok((await admin.cancelSchedule(id)).ok);
  };

  /** While nobody runs anything, a step reaches to what is due next. */
  const nextStepMs = async (): Promise<number> => {
    if ((await promises.stats()).in_progress > 0) return STEP_MS;
    const next = (await storage.queue.nextDueAt()) ?? (await outbox.nextDueAt()) ?? 0;
    return Math.max(STEP_MS, next - clock.now());
  };

  return {
    start: async () => {
      deliverer.start();
      workers.push(...Array.from({ length: WORKERS }, born));
      await idle();
    },
    make,
    schedule: async (chatNumber: number, minutes: number) => {
      const made = await admin.schedule({ description: 'tick', cron: `*/${minutes} * * * *` }, originOf(chatOf(chatNumber)));
      assert.ok(made.ok);
      await idle();
    },
    endSchedule: async (n: number) => {
      const active = await activeSchedules();
      const schedule = active[n % Math.max(1, active.length)];
      if (schedule) await end(schedule.id);
      await idle();
    },
    cancel: (n: number) => command(n, ['waiting', 'pending', 'in_progress'], admin.cancel),
    retry: (n: number) => command(n, ['failed', 'cancelled'], admin.retry),
    willWork: (outcome: Work) => void work.push(outcome),
    storageFails: (count: number, when: When) => void storageFailures.push(...Array<When>(count).fill(when)),
    sendsFail: gateway.failNext,
    crash: async (n: number, after: number) => {
      worker(n).life.endAfter(after);
      await idle();
    },
    /** What dead workers held is free at once, as when a process knows at its start that an earlier one is gone. */
    freeTheDead: async () => {
      await storage.queue.endLeases(dead, clock.now());
      await idle();
    },
    cutOff: (n: number) => {
      worker(n).cutOff();
    },
    reconnect: async (n: number) => {
      reconnect(worker(n));
      await idle();
    },
    /** It is asked to end, hands back what it runs, and is started anew. */
    restart: async (n: number) => {
      const { process, life } = worker(n);
      reconnect(worker(n));
      let stopped = false;
      void Promise.all([process.worker.stop(GRACE_MS), process.deadlines.stop(), process.ticks.stop()]).then(() => {
        stopped = true;
      });
      for (let steps = 0; !stopped && !life.ended; steps++) {
        assert.ok(steps < 100, 'it never stops');
        clock.advance(1_000);
        await idle();
      }
      life.end();
      await idle();
    },
    pass,
    /** The machine sleeps: every process sees all of the time at once. */
    sleep: async (ms: number) => {
      clock.advance(ms);
      disturb();
      await idle();
    },
    /** The clock is put right, forwards or backwards; what is timed takes as long as before. */
    putClock: async (ms: number) => {
      clock.put(ms);
      disturb();
      for (const each of workers) if (each.isCut()) outOfTime.add(each);
      await idle();
    },
    /** The faults are over, and time passes, until nothing is left to do. */
    comeToRest: async () => {
      work.length = 0;
      storageFailures.length = 0;
      for (const each of workers) {
        each.life.endAfter(Number.POSITIVE_INFINITY);
        reconnect(each);
      }
      await idle();
      await pass(2 * LATE_MS);
      assert.deepEqual(await promises.overdue(clock.now() - LATE_MS, 10), [], 'deadlines that nobody has seen');
      assert.deepEqual(await schedules.due(clock.now() - LATE_MS, 10), [], 'ticks that nobody has made');
      for (const { id } of await activeSchedules()) await end(id);
      for (let steps = 0; ; steps++) {
        await idle();
        const { pending, waiting, in_progress } = await promises.stats();
        if (pending + waiting + in_progress + (await outbox.stats()).pending === 0) return;
        assert.ok(steps < 500, `something is never done: ${JSON.stringify([await promises.stats(), await outbox.stats()])}`);
        clock.advance(await nextStepMs());
      }
    },
    check: async () => {
      const sent = gateway.sent as unknown as readonly OutboxItem[];
      const told = Map.groupBy(sent, ({ promiseId }) => promiseId);
      const stored = await promises.find({ limit: 100_000 });
      assert.equal(stored.length, ledger.promises.size);
      for (const promise of stored) {
        const name = `promise #${promise.id}`;
        assert.equal(promise.version, ledger.promises.get(promise.id)?.version, `${name}: its version`);
        assert.ok(isSettled(promise) && promise.deliveredAt !== undefined, `${name}: its outcome is delivered`);
        const outcomes = told.get(promise.id) ?? [];
        assert.equal(outcomes.length, ledger.settlements.get(promise.id), `${name}: outcomes told`);
        assert.equal(new Set(outcomes.map(({ dedupeKey }) => dedupeKey)).size, outcomes.length, `${name}: told anew each time`);
      }
      assert.equal((await outbox.stats()).failed, 0);
    },
  };
};

export type PromiseLife = ReturnType<typeof makePromiseLife>;

const CHATS = [telegramChat(501), telegramChat(502)];
const chatOf = (n: number): ChatId => CHATS[n % CHATS.length] as ChatId;
