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
import type { Clock, Randomness, Storage } from '../../../src/ports/index.ts';
import { buildDraft, buildPolicy, numberIn, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, type Process } from '../support/harness.ts';
import { makeUnreliable, makeWallClock, type When } from './promise-life-faults.ts';
import { makeLedger } from './promise-life-ledger.ts';
import { makeRuns, type Work } from './promise-life-runs.ts';
import { makeWorkers, PER_TENANT, STEP_MS } from './promise-life-workers.ts';

export type { Work } from './promise-life-runs.ts';

/** A promise to make; its parents are counted from the newest of its chat. */
export interface Wanted {
  readonly parents: readonly number[];
  readonly startInMs?: number;
  readonly deadlineInMs?: number;
}

const GRACE_MS = 10_000;
/** The latest that a deadline or a tick is seen by workers that live. */
const LATE_MS = 2 * STEP_MS;

const CHATS = [telegramChat(501), telegramChat(502)];
const chatOf = (n: number): ChatId => CHATS[n % CHATS.length] as ChatId;

const originOf = (chat: ChatId) => ({ chatId: chat, chatKind: 'direct' as const, requestedBy: { id: telegramUser(numberIn(chat)) } });

interface AskerOptions {
  readonly admin: Process;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly idle: () => Promise<void>;
}

/** Makes promises as people ask for them, and gives commands to those that there are. */
const makeAsker = ({ admin, storage, clock, randomness, idle }: AskerOptions) => {
  const { promises } = storage.stores;
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

  return { make, command };
};

/** Makes and ends schedules as people ask for them. */
const makeScheduler = (admin: Process, { stores: { schedules } }: Storage, idle: () => Promise<void>) => {
  const activeSchedules = (): Promise<readonly Schedule[]> => schedules.find({ activeOnly: true, limit: 1_000 });
  const end = async (id: ScheduleId): Promise<void> => {
    assert.ok((await admin.cancelSchedule(id)).ok);
  };
  return {
    schedule: async (chatNumber: number, minutes: number): Promise<void> => {
      const made = await admin.schedule({ description: 'tick', cron: `*/${minutes} * * * *` }, originOf(chatOf(chatNumber)));
      assert.ok(made.ok);
      await idle();
    },
    endSchedule: async (n: number): Promise<void> => {
      const active = await activeSchedules();
      const schedule = active[n % Math.max(1, active.length)];
      if (schedule) await end(schedule.id);
      await idle();
    },
    endAll: async (): Promise<void> => {
      for (const { id } of await activeSchedules()) await end(id);
    },
  };
};

/** The people of the chats may write. */
const policyOfChats = () => {
  const entry = { description: '', path: '' };
  const whitelist = {
    userIds: new Map(CHATS.map((chat) => [telegramUser(numberIn(chat)), entry])),
    usernames: new Map(),
    defaultDirectory: '/srv',
  };
  return buildPolicy({ whitelist });
};

/** Each promise has come to one end, and each end was told once. */
const checkEnd = async (
  { stores: { promises, outbox } }: Storage,
  ledger: ReturnType<typeof makeLedger>,
  sent: readonly OutboxItem[],
): Promise<void> => {
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
};

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
  const policy = policyOfChats();
  const storageFailures: When[] = [];
  const unreliable = makeUnreliable(storage, storageFailures);
  const { work, disturb, executorOf } = makeRuns({ clock, steady: steady.clock, faults });
  const { workers, dead, outOfTime, start, worker, reconnect, idle, pass } = makeWorkers({
    world: steady,
    clock,
    storage: unreliable,
    policy,
    executorOf,
    disturb,
    faults,
  });
  /** Only one sends: the outbox is the bot's. */
  const deliverer = makeProcess({ ...steady, clock, storage: unreliable }, { policy }).deliverer;
  const admin = makeProcess({ ...steady, clock, storage }, { policy });
  const { make, command } = makeAsker({ admin, storage, clock, randomness, idle });
  const scheduler = makeScheduler(admin, storage, idle);

  /** While nobody runs anything, a step reaches to what is due next. */
  const nextStepMs = async (): Promise<number> => {
    if ((await promises.stats()).in_progress > 0) return STEP_MS;
    const next = (await storage.queue.nextDueAt()) ?? (await outbox.nextDueAt()) ?? 0;
    return Math.max(STEP_MS, next - clock.now());
  };

  return {
    start: async () => {
      deliverer.start();
      await start();
    },
    make,
    schedule: scheduler.schedule,
    endSchedule: scheduler.endSchedule,
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
      await scheduler.endAll();
      for (let steps = 0; ; steps++) {
        await idle();
        const { pending, waiting, in_progress } = await promises.stats();
        if (pending + waiting + in_progress + (await outbox.stats()).pending === 0) return;
        assert.ok(steps < 500, `something is never done: ${JSON.stringify([await promises.stats(), await outbox.stats()])}`);
        clock.advance(await nextStepMs());
      }
    },
    check: () => checkEnd(storage, ledger, gateway.sent as unknown as readonly OutboxItem[]),
  };
};

export type PromiseLife = ReturnType<typeof makePromiseLife>;
