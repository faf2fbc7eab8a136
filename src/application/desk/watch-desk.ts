import type { HealthCheck } from '../../domain/health/health.ts';
import { present } from '../../domain/shared/present.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Alerts } from '../../ports/use-cases/alerts.ts';
import type { Approvals } from '../../ports/use-cases/approvals.ts';
import type { DeskTopic, WatchDesk } from '../../ports/use-cases/desk.ts';
import type { Queries } from '../../ports/use-cases/queries.ts';
import { makeLoop } from '../loops/loop.ts';
import { stateOfPromise } from '../promises/watch-promises.ts';

const INTERVAL_MS = 1_000;
/** Of each list, so many are watched: the newest, and those that run. */
const MAX_WATCHED = 100;

/** What is known of a topic, as text: another text means that something has changed. */
export type DeskReaders = { readonly [Topic in DeskTopic]?: () => Promise<string> };

export const deskReaders = ({
  queries,
  approvals,
  alerts,
  checks,
}: {
  readonly queries: Pick<Queries, 'countPromises' | 'listPromises' | 'listSchedules' | 'listInbox'>;
  readonly approvals: Pick<Approvals, 'list'>;
  readonly alerts?: Pick<Alerts, 'list'> | undefined;
  readonly checks: () => Promise<readonly HealthCheck[]>;
}): DeskReaders => ({
  promises: async () => {
    const counts = await queries.countPromises();
    const newest = await queries.listPromises({ limit: MAX_WATCHED });
    const running = await queries.listPromises({ statuses: ['in_progress'], limit: MAX_WATCHED });
    return JSON.stringify([counts, newest.map(stateOfPromise), running.map(stateOfPromise)]);
  },
  approvals: async () => JSON.stringify((await approvals.list({ limit: MAX_WATCHED })).map(({ id, status }) => [id, status])),
  schedules: async () => {
    const schedules = await queries.listSchedules({ includeEnded: true, limit: MAX_WATCHED });
    return JSON.stringify(schedules.map((schedule) => [schedule.id, 'nextAt' in schedule ? schedule.nextAt : schedule.status]));
  },
  // What is answered has another verdict.
  chats: async () => {
    const newest = await queries.listInbox({ limit: MAX_WATCHED });
    return JSON.stringify(newest.map(({ message, verdict, deletedAt }) => [message.chat.id, message.messageId, verdict?.kind, deletedAt]));
  },
  // Their messages hold figures that are never the same.
  health: async () => JSON.stringify((await checks()).map(({ id, status }) => [id, status])),
  ...present({ alerts: alerts && (() => stateOfAlerts(alerts)) }),
});

const stateOfAlerts = async (alerts: Pick<Alerts, 'list'>): Promise<string> => {
  const { isStale, alerts: found, silences } = await alerts.list();
  return JSON.stringify([isStale, found.map(({ key, state, silencedUntil }) => [key, state, silencedUntil]), silences]);
};

/**
 * One watch for all who listen, while there are any: it reads each topic at most once a second, and not where stored
 * state has not changed. Who begins to listen is told of each topic once, as soon as its state is known.
 */
export const makeWatchDesk = ({
  readers,
  ...deps
}: {
  readonly readers: DeskReaders;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
}): WatchDesk => {
  type Listener = (topic: DeskTopic) => void;
  const listeners = new Set<Listener>();
  const known = new Map<DeskTopic, string>();
  const fresh = new Set<Listener>();
  const topics = Object.entries(readers) as [DeskTopic, () => Promise<string>][];
  const loop = makeLoop({
    name: 'watch-desk',
    clock: deps.clock,
    changes: deps.changes,
    events: deps.events,
    intervalMs: INTERVAL_MS,
    poll: async () => {
      const begun = new Set(fresh);
      for (const [topic, read] of topics) {
        const found = await read();
        const isNews = known.get(topic) !== found;
        known.set(topic, found);
        for (const listener of listeners) if (begun.has(listener) || (isNews && !fresh.has(listener))) listener(topic);
      }
      for (const listener of begun) fresh.delete(listener);
      return undefined;
    },
  });

  return (listener) => {
    const mine: Listener = (topic) => listener(topic);
    listeners.add(mine);
    fresh.add(mine);
    if (listeners.size === 1) loop.start();
    else loop.wake();
    return () => {
      fresh.delete(mine);
      if (listeners.delete(mine) && listeners.size === 0) void loop.stop();
    };
  };
};
