import { promiseMadeFact } from '../../domain/audit/facts.ts';
import { accessOf, originOfTask } from '../../domain/message/access.ts';
import { taskFields } from '../../domain/promise/fields.ts';
import { MAX_OPEN_PROMISES_PER_CHAT } from '../../domain/promise/limits.ts';
import { type AgentPromise, isSettled, type PromiseId } from '../../domain/promise/promise.ts';
import { type ActiveSchedule, advance, type ScheduleId, tickKey } from '../../domain/promise/schedule.ts';
import { makePromise } from '../../domain/promise/transition.ts';
import { present } from '../../domain/shared/present.ts';
import { OWN_WORDS } from '../../domain/trust/labels.ts';
import { type AccessPolicy, movedPolicy } from '../../domain/workspace/policy.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CronCalendar } from '../../ports/cron-calendar.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { ScheduleStore } from '../../ports/storage/schedule-store.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { type Loop, makeLoop } from '../loops/loop.ts';
import { chatIsFull } from '../promises/make-promise.ts';
import { endStored } from './end-schedule.ts';

const BATCH = 100;
/** How late the first tick may be if the schedule was made after the last poll. */
const INTERVAL_MS = 250;

/** The result of a tick. */
type Tick =
  | { readonly kind: 'made'; readonly promiseId: PromiseId }
  /** The promise of an earlier tick has not settled: promises of one schedule never pile up. */
  | { readonly kind: 'skipped'; readonly behind: PromiseId }
  /** Its chat has as many promises open as it may have. */
  | { readonly kind: 'chat-full'; readonly open: number }
  | { readonly kind: 'ended'; readonly reason: string };

/**
 * Makes one promise at each tick of each schedule, in the commit that moves the schedule on: any number of these may
 * run side by side. Ticks that were missed, however many, make one promise together. A schedule whose chat or person is
 * no longer allowed ends.
 */
export const makeTickSchedules = (deps: {
  readonly schedules: Pick<ScheduleStore, 'due' | 'nextAt'>;
  readonly unitOfWork: UnitOfWork;
  readonly calendar: CronCalendar;
  readonly policy: AccessPolicy;
  /** Who was let in beside those whom the policy names: read before schedules tick. Absent: nobody. */
  readonly paired?: { refresh(): Promise<void> };
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
}): Loop => {
  const { schedules, unitOfWork, clock, events } = deps;

  const tick = async (stores: Stores, id: ScheduleId, now: number): Promise<Tick | undefined> => {
    const schedule = await stores.schedules.get(id);
    // Another process has made this tick.
    if (schedule?.status !== 'active' || schedule.nextAt > now) return undefined;
    const refused = refusal(movedPolicy(deps.policy, await stores.chatMoves.list()), schedule);
    const next = deps.calendar.next(schedule.cron, schedule.timeZone, now);
    if (refused !== undefined || !next.ok) {
      await endStored(stores, id, now);
      return { kind: 'ended', reason: refused ?? (next.ok ? '' : next.error.message) };
    }
    const last = schedule.lastPromiseId === undefined ? undefined : await stores.promises.get(schedule.lastPromiseId);
    if (last && !isSettled(last)) {
      await stores.schedules.save(advance(schedule, next.value));
      return { kind: 'skipped', behind: last.id };
    }
    const open = await stores.promises.countOpen(schedule.chatId);
    if (open >= MAX_OPEN_PROMISES_PER_CHAT) {
      await stores.schedules.save(advance(schedule, next.value));
      await tellSkipped(stores, schedule, { open, now, deliveryKey: deps.randomness.id() });
      return { kind: 'chat-full', open };
    }
    const promiseId = await promiseFor(stores, schedule, now);
    await stores.schedules.save(advance(schedule, next.value, promiseId));
    return { kind: 'made', promiseId };
  };

  const tell = ({ id, chatId, nextAt }: ActiveSchedule, ticked: Tick): void => {
    const about = { scheduleId: id, chatId, tickAt: new Date(nextAt).toISOString() };
    if (ticked.kind === 'made') events.emit({ type: 'schedule-ticked', ...about, promiseId: ticked.promiseId });
    else if (ticked.kind === 'skipped')
      events.emit({ type: 'schedule-tick-skipped', ...about, reason: `promise #${ticked.behind} has not ended` });
    else if (ticked.kind === 'chat-full')
      events.emit({ type: 'schedule-tick-skipped', ...about, reason: `its chat has ${ticked.open} promises open` });
    else events.emit({ type: 'schedule-ended', ...about, reason: ticked.reason });
  };

  const poll = async (): Promise<number | undefined> => {
    const now = clock.now();
    const next = await schedules.nextAt();
    if (next === undefined || next > now) return next;
    await deps.paired?.refresh();
    const failures: unknown[] = [];
    for (const schedule of await schedules.due(now, BATCH)) {
      try {
        const ticked = await unitOfWork.run((stores) => tick(stores, schedule.id, now));
        if (ticked) tell(schedule, ticked);
      } catch (error) {
        // A schedule that can't tick must not delay the others.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return schedules.nextAt();
  };

  return makeLoop({ name: 'schedules', clock, changes: deps.changes, events, intervalMs: INTERVAL_MS, poll });
};

/** Tells a chat that its schedules are skipped, once a day: a schedule may tick each minute. */
const tellSkipped = async (
  { outbox, conversations }: Stores,
  { id, chatId, messageId }: ActiveSchedule,
  { open, now, deliveryKey }: { readonly open: number; readonly now: number; readonly deliveryKey: string },
): Promise<void> => {
  const day = new Date(now).toISOString().slice(0, 10);
  const text = `Schedule #${id} was skipped, and so are the other schedules of this chat while it has no room: ${chatIsFull(open)}.`;
  const item = { chatId, text, answers: [], dedupeKey: `schedules-skipped:${chatId}:${day}`, deliveryKey, createdAt: now };
  const isNew = await outbox.add({ ...item, ...present({ replyTo: messageId }) });
  if (isNew) await conversations.append([{ chatId, at: now, step: { role: 'agent', text, toolCalls: [], provenance: OWN_WORDS } }]);
};

const refusal = (policy: AccessPolicy, schedule: ActiveSchedule): string | undefined => {
  const { allowed, rule, path } = accessOf(policy, originOfTask(schedule));
  return allowed ? undefined : `its chat or person is no longer allowed (${rule}, see ${path})`;
};

/** The promise of the due tick. It exists already if the tick was made before the storage came back from a backup. */
const promiseFor = async ({ promises, audit }: Stores, schedule: ActiveSchedule, now: number): Promise<PromiseId> => {
  const idempotencyKey = tickKey(schedule.id, schedule.nextAt);
  const existing = await promises.findByKey(schedule.chatId, idempotencyKey);
  if (existing) return existing.id;
  const [id] = await promises.reserveIds(1);
  const made = promiseOf(schedule, { id: id as PromiseId, idempotencyKey, createdAt: now });
  await promises.add([made]);
  await audit.add([promiseMadeFact(made, now)]);
  return made.id;
};

const promiseOf = (schedule: ActiveSchedule, own: Pick<AgentPromise, 'id' | 'createdAt'> & { readonly idempotencyKey: string }) =>
  makePromise({ ...taskFields(schedule), ...own, dependsOn: [], metadata: { schedule: schedule.id } });
