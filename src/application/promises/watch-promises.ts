import type { ChatId } from '../../domain/message/ids.ts';
import type { AgentPromise, PromiseId } from '../../domain/promise/promise.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { PromiseStore } from '../../ports/promise-store.ts';
import { makeLoop } from '../loops/loop.ts';
import { paced } from '../loops/paced.ts';

/** The newest promises are watched; older ones hardly change. */
const WATCHED = 100;
/** Changes are told at most this often, so that a thousand at once do not starve the work itself. */
const INTERVAL_MS = 100;

/** Tells a listener of each promise that changed, of one chat or of all, whichever process changed it. Returns how to end that. */
export const watchPromises = (
  deps: {
    readonly promises: PromiseStore;
    readonly changes: ChangeFeed;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly chatId?: ChatId;
  },
  listener: (promise: AgentPromise) => void,
): (() => void) => {
  const filter = { newestFirst: true, limit: WATCHED, ...(deps.chatId === undefined ? {} : { chatId: deps.chatId }) };
  let seen: Map<PromiseId, string> | undefined;
  const look = async (): Promise<undefined> => {
    const promises = await deps.promises.find(filter);
    const states = new Map(promises.map((promise) => [promise.id, stateOf(promise)]));
    for (const promise of promises.toReversed()) if (seen && seen.get(promise.id) !== states.get(promise.id)) listener(promise);
    seen = states;
  };
  const loop = makeLoop({ ...deps, look: paced(deps.clock, INTERVAL_MS, look) });
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
