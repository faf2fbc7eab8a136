import type { AgentPromise, PromiseId } from '../../domain/promise/promise.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { GetPromise, ListPromises, PromisesQuery } from '../../ports/use-cases/queries.ts';
import { makeLoop } from '../loops/loop.ts';

/** Only the newest promises are watched: older ones hardly change. */
const MAX_WATCHED = 100;
/** Changes are told at most this often, so that a thousand at once do not starve the work itself. */
const INTERVAL_MS = 100;

interface WatchDeps {
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
}

export interface PromiseWatcher {
  /** Those that there are when the watch begins: what changes from there on is told. */
  onFirst?(promises: readonly AgentPromise[]): void;
  onChange(promise: AgentPromise): void;
}

/**
 * Tells the watcher each change of the newest promises that the query selects, whichever process made the change.
 * Returns a function that ends the watch.
 */
export const watchPromises = (
  deps: WatchDeps & { readonly listPromises: ListPromises; readonly query?: Omit<PromisesQuery, 'limit'> },
  watcher: PromiseWatcher,
): (() => void) => watch(deps, async () => (await deps.listPromises({ ...deps.query, limit: MAX_WATCHED })).toReversed(), watcher);

/** Tells the watcher each change of one promise, whatever its age. */
export const watchPromise = (
  deps: WatchDeps & { readonly getPromise: GetPromise; readonly id: PromiseId },
  watcher: PromiseWatcher,
): (() => void) =>
  watch(
    deps,
    async () => {
      const promise = await deps.getPromise(deps.id);
      return promise ? [promise] : [];
    },
    watcher,
  );

const watch = (deps: WatchDeps, find: () => Promise<readonly AgentPromise[]>, { onFirst, onChange }: PromiseWatcher): (() => void) => {
  let seen: Map<PromiseId, string> | undefined;
  let quietUntil = 0;
  const loop = makeLoop({
    name: 'watch-promises',
    clock: deps.clock,
    changes: deps.changes,
    events: deps.events,
    poll: async () => {
      if (deps.clock.now() < quietUntil) return quietUntil;
      quietUntil = deps.clock.now() + INTERVAL_MS;
      const promises = await find();
      const before = seen;
      seen = new Map(promises.map((promise) => [promise.id, stateOfPromise(promise)]));
      if (!before) onFirst?.(promises);
      else for (const promise of promises) if (before.get(promise.id) !== seen.get(promise.id)) onChange(promise);
      return undefined;
    },
  });
  loop.start();
  return () => void loop.stop();
};

/** What is stored without a change of version is news as well. */
export const stateOfPromise = (promise: AgentPromise): string =>
  [
    promise.version,
    'deliveredAt' in promise ? promise.deliveredAt : '',
    'progress' in promise ? `${promise.progress?.at} ${promise.progress?.text}` : '',
  ].join(':');
