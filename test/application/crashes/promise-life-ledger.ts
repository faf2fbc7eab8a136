import { cronCalendar } from '../../../src/adapters/cron/index.ts';
import {
  type ActiveSchedule,
  type AgentPromise,
  isSettled,
  type LeasedPromise,
  type PromiseId,
  type Schedule,
  type ScheduleId,
} from '../../../src/domain/index.ts';
import { tickKey } from '../../../src/domain/promise/schedule.ts';
import { DEADLINE_PASSED } from '../../../src/domain/promise/transition.ts';
import type { PromiseQueue, Storage, Stores } from '../../../src/ports/index.ts';
import { faultsOfStep } from '../../support/promise-steps.ts';

/** What one unit of work does, as it does it. */
interface Entries {
  readonly promises: AgentPromise[];
  readonly schedules: Schedule[];
  /** The promises whose outcomes it put into the outbox. */
  readonly announced: PromiseId[];
}

/** What a run's result must be: only who holds the promise may say how its run ended. */
export const resultOf = ({ lease, attempts }: LeasedPromise): string => `worker ${lease.workerId}, attempt ${attempts}`;

type Check = (holds: boolean, fault: string) => void;

/** The states of all promises, as they were committed: each next one is held against the law. */
const makePromiseBook = (faults: string[], check: Check) => {
  const promises = new Map<PromiseId, AgentPromise>();
  const settlements = new Map<PromiseId, number>();

  const parentsOf = ({ dependsOn }: AgentPromise): AgentPromise[] => dependsOn.flatMap((id) => promises.get(id) ?? []);
  const allKept = (parents: readonly AgentPromise[]): boolean => parents.every(({ status }) => status === 'completed');

  const checkStart = (before: AgentPromise, { startedAt, lease }: LeasedPromise, name: string): void => {
    check(allKept(parentsOf(before)), `${name} starts before all its parents have completed`);
    if (before.status === 'pending') check(before.dueAt <= startedAt, `${name} starts before it is due`);
    if (before.status === 'in_progress')
      check(before.lease.expiresAt <= startedAt, `${name} is held by two: ${before.lease.workerId}, and ${lease.workerId}`);
  };

  const checkFailure = (before: AgentPromise, failed: Extract<AgentPromise, { status: 'failed' }>, name: string): void => {
    const { error, completedAt, failures } = failed;
    if (error.code === DEADLINE_PASSED.code)
      // A run ends when the time that was left has passed, wherever the clock was put meanwhile.
      check(failures > before.failures || (before.deadline ?? Number.POSITIVE_INFINITY) <= completedAt, `${name} fails too early`);
    else if (before.status === 'waiting') {
      const lost = parentsOf(before).filter(({ status }) => status === 'failed' || status === 'cancelled');
      check(
        lost.some(({ id }) => error.message.includes(`#${id} `)),
        `${name} fails by "${error.message}", and lost are ${lost.map(({ id }) => `#${id}`)}`,
      );
    } else check(before.status === 'in_progress', `${name} fails, and nobody ran it`);
  };

  /** The next state of a promise has been committed. */
  const enter = (after: AgentPromise): void => {
    const before = promises.get(after.id);
    const name = `promise #${after.id}`;
    promises.set(after.id, after);
    if (isSettled(after)) settlements.set(after.id, (settlements.get(after.id) ?? 0) + 1);
    if (!before) {
      check(after.version === 0 && !isSettled(after) && after.status !== 'in_progress', `${name} begins in the middle of its life`);
      check((after.status === 'waiting') === after.dependsOn.length > 0, `${name} begins as ${after.status}`);
      return;
    }
    check(after.version === before.version + 1, `${name}: version ${before.version} → ${after.version}`);
    faults.push(...faultsOfStep(before, after));
    if (after.status === 'in_progress') checkStart(before, after, name);
    if (before.status === 'waiting' && after.status === 'pending') check(allKept(parentsOf(before)), `${name} is released too early`);
    if (after.status === 'failed') checkFailure(before, after, name);
    if (before.status === 'in_progress' && after.status === 'completed')
      check(after.result === resultOf(before), `${name} is completed by ${after.result}, and held by ${resultOf(before)}`);
  };

  const setLease = (id: PromiseId, lease: LeasedPromise['lease']): void => {
    const promise = promises.get(id);
    const isHeld = promise?.status === 'in_progress' && promise.lease.workerId === lease.workerId;
    check(isHeld, `${lease.workerId} keeps promise #${id}, which it does not hold`);
    if (isHeld) promises.set(id, { ...promise, lease });
  };

  const leaseEnd = (id: PromiseId): number => {
    const promise = promises.get(id);
    return promise?.status === 'in_progress' ? promise.lease.expiresAt : 0;
  };

  return { promises, settlements, enter, setLease, leaseEnd };
};

/** The states of all schedules, as they were committed: each next one is held against the law. */
const makeScheduleBook = (promises: ReadonlyMap<PromiseId, AgentPromise>, check: Check) => {
  const schedules = new Map<ScheduleId, Schedule>();
  const ticks = new Set<string>();

  /** Each tick makes one promise, or none while the last one has not ended; then the schedule has moved on. */
  const enterTick = (before: ActiveSchedule, after: ActiveSchedule, made: readonly AgentPromise[]): void => {
    const key = tickKey(before.id, before.nextAt);
    check(!ticks.has(key), `${key} is made twice`);
    ticks.add(key);
    const next = cronCalendar.next(after.cron, after.timeZone, before.nextAt);
    check(next.ok && after.nextAt >= next.value, `${key} is followed by ${new Date(after.nextAt).toISOString()}`);
    const ours = made.filter(({ idempotencyKey }) => idempotencyKey === key);
    const last = before.lastPromiseId === undefined ? undefined : promises.get(before.lastPromiseId);
    if (last && !isSettled(last)) check(ours.length === 0 && after.lastPromiseId === last.id, `${key} piles up on promise #${last.id}`);
    else check(ours.length === 1 && after.lastPromiseId === ours[0]?.id, `${key} has made ${ours.length} promises`);
  };

  const enterSchedule = (after: Schedule, made: readonly AgentPromise[]): void => {
    const before = schedules.get(after.id);
    schedules.set(after.id, after);
    check(after.version === (before ? before.version + 1 : 0), `schedule #${after.id}: version ${before?.version} → ${after.version}`);
    if (before?.status === 'active' && after.status === 'active') enterTick(before, after, made);
    check(before?.status !== 'ended', `schedule #${after.id} goes on when it has ended`);
  };

  return enterSchedule;
};

/** The queue, whose claims and leases are entered. */
const watchedQueue = (
  queue: PromiseQueue,
  { promises, setLease, leaseEnd }: ReturnType<typeof makePromiseBook>,
  enterClaim: (claimed: readonly LeasedPromise[]) => void,
): PromiseQueue => ({
  ...queue,
  claim: async (request) => {
    const claimed = await queue.claim(request);
    enterClaim(claimed);
    return claimed;
  },
  heartbeat: async (request) => {
    const kept = await queue.heartbeat(request);
    const { workerId, now, leaseMs } = request;
    for (const id of kept) setLease(id, { workerId, expiresAt: Math.max(leaseEnd(id), now + leaseMs) });
    return kept;
  },
  endLeases: async (workerIds, now) => {
    await queue.endLeases(workerIds, now);
    for (const { id, lease } of [...promises.values()].filter(isRunning))
      if (workerIds.includes(lease.workerId) && lease.expiresAt > now) setLease(id, { ...lease, expiresAt: now });
  },
});

/**
 * Sees every commit to a storage, in order, and holds each step of each promise and schedule against the law. `storage`
 * is the one to use; `faults` says what was against the law, in words.
 */
export const makeLedger = (storage: Storage, { perTenant }: { readonly perTenant: number }) => {
  const faults: string[] = [];
  const check: Check = (holds, fault) => {
    if (!holds) faults.push(fault);
  };
  const book = makePromiseBook(faults, check);
  const { promises, settlements, enter } = book;
  const enterSchedule = makeScheduleBook(promises, check);

  const enterUnit = ({ promises: entered, schedules: moved, announced }: Entries): void => {
    for (const schedule of moved) enterSchedule(schedule, entered);
    for (const promise of entered) enter(promise);
    const settled = entered.filter(isSettled).map(({ id }) => id);
    check(`${announced.toSorted(byNumber)}` === `${settled.toSorted(byNumber)}`, `[${settled}] settle, and [${announced}] are announced`);
  };

  const enterClaim = (claimed: readonly LeasedPromise[]): void => {
    for (const promise of claimed) enter(promise);
    const running = Map.groupBy([...promises.values()].filter(isRunning), ({ tenant }) => tenant);
    for (const [tenant, its] of running) check(its.length <= perTenant, `${its.length} promises of ${tenant} run at once`);
  };

  const watched: Storage = {
    ...storage,
    stores: {
      ...storage.stores,
      promises: {
        ...storage.stores.promises,
        noteProgress: async (id, workerId, progress) => {
          const noted = await storage.stores.promises.noteProgress(id, workerId, progress);
          const promise = promises.get(id);
          const isHeld = promise?.status === 'in_progress' && promise.lease.workerId === workerId;
          check(noted === isHeld, `progress of promise #${id} by ${workerId}: ${noted}`);
          return noted;
        },
      },
      schedules: {
        ...storage.stores.schedules,
        add: async (added) => {
          await storage.stores.schedules.add(added);
          for (const schedule of added) enterSchedule(schedule, []);
        },
      },
    },
    unitOfWork: {
      run: async (work) => {
        let entries = noEntries();
        const value = await storage.unitOfWork.run((stores) => {
          entries = noEntries();
          return work(entering(stores, entries));
        });
        enterUnit(entries);
        return value;
      },
    },
    queue: watchedQueue(storage.queue, book, enterClaim),
  };
  return { storage: watched, faults, promises, settlements };
};

const isRunning = (promise: AgentPromise): promise is LeasedPromise => promise.status === 'in_progress';
const byNumber = (a: number, b: number): number => a - b;
const noEntries = (): Entries => ({ promises: [], schedules: [], announced: [] });
const grown = <T extends { readonly version: number }>(saved: T): T => ({ ...saved, version: saved.version + 1 });

/** The stores of one unit of work, whose changes become entries. */
const entering = (stores: Stores, entries: Entries): Stores => ({
  ...stores,
  promises: {
    ...stores.promises,
    add: async (added) => {
      await stores.promises.add(added);
      entries.promises.push(...added);
    },
    update: async (ids, change) => {
      const changed = new Set<PromiseId>();
      const stored = await stores.promises.update(ids, (promise) => {
        const next = change(promise);
        if (next) changed.add(promise.id);
        return next;
      });
      entries.promises.push(...stored.filter(({ id }) => changed.has(id)));
      return stored;
    },
  },
  schedules: {
    ...stores.schedules,
    save: async (schedule) => {
      await stores.schedules.save(schedule);
      entries.schedules.push(grown(schedule));
    },
  },
  outbox: {
    ...stores.outbox,
    addMany: async (drafts) => {
      const added = await stores.outbox.addMany(drafts);
      entries.announced.push(...drafts.flatMap(({ promiseId }, i) => (added[i] && promiseId !== undefined ? [promiseId] : [])));
      return added;
    },
  },
});
