import type { AgentPromise, PromiseId } from '../../domain/promise/promise.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { PromiseFilter, PromiseStore } from '../../ports/storage/promise-store.ts';
import { makeLoop } from '../loops/loop.ts';

/** The newest promises are watched; older ones hardly change. */
const WATCHED = 100;
/** Changes are told at most this often, so that a thousand at once do not starve the work itself. */
const INTERVAL_MS = 100;

interface WatchDeps {
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface PromiseWatcher {
  /** Those that there are when the watch begins: what changes from there on is told. */
  onFirst?(promises: readonly AgentPromise[]): void;
  onChange(promise: AgentPromise): void;
}

/**
 * Tells of each of the newest promises that changed, of one chat, tenant or kind or of all, whichever process changed
 * it. Returns how to end that.
 */
export const watchPromises = (
  deps: WatchDeps & { readonly promises: Pick<PromiseStore, 'find'>; readonly filter?: Omit<PromiseFilter, 'limit' | 'newestFirst'> },
  watcher: PromiseWatcher,
): (() => void) =>
  watch(deps, async () => (await deps.promises.find({ ...deps.filter, newestFirst: true, limit: WATCHED })).toReversed(), watcher);

/** The same for one promise, however old. */
export const watchPromise = (
  deps: WatchDeps & { readonly promises: Pick<PromiseStore, 'getMany'>; readonly id: PromiseId },
  watcher: PromiseWatcher,
): (() => void) => watch(deps, () => deps.promises.getMany([deps.id]), watcher);

const watch = (deps: WatchDeps, find: () => Promise<readonly AgentPromise[]>, { onFirst, onChange }: PromiseWatcher): (() => void) => {
  let seen: Map<PromiseId, string> | undefined;
  let quietUntil = 0;
  const loop = makeLoop({
    ...deps,
    look: async () => {
      if (deps.clock.now() < quietUntil) return quietUntil;
      quietUntil = deps.clock.now() + INTERVAL_MS;
      const promises = await find();
      const before = seen;
      seen = new Map(promises.map((promise) => [promise.id, stateOf(promise)]));
      if (!before) onFirst?.(promises);
      else for (const promise of promises) if (before.get(promise.id) !== seen.get(promise.id)) onChange(promise);
      return undefined;
    },
  });
  loop.start();
  return () => void loop.stop();
};

/** What is stored without a change of version is news as well. */
const stateOf = (promise: AgentPromise): string =>
  [
    promise.version,
    'deliveredAt' in promise ? promise.deliveredAt : '',
    'progress' in promise ? `${promise.progress?.at} ${promise.progress?.text}` : '',
  ].join(':');
