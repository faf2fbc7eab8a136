import { maySend } from '../../domain/outbox/due.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { makeLoop } from '../loops/loop.ts';

export interface Lanes {
  start(): void;
  /** Resolves when the sends under way have ended. No send begins after this call. */
  stop(): Promise<void>;
}

/**
 * Sends what is stored to be sent: each lane in its order, several lanes side by side. What becomes of an item is
 * stored by `send`.
 */
export const makeLanes = <Id, Lane, Item extends { readonly id: Id }>(deps: {
  /** Names the loop. */
  readonly name: string;
  readonly clock: Clock;
  readonly changes: ChangeFeed;
  readonly events: Events;
  readonly intervalMs?: number;
  /** So many lanes are sent to side by side. */
  readonly maxLanes: () => number | Promise<number>;
  readonly laneOf: (item: Item) => Lane;
  /** The oldest item of each lane that is due, at most `limit`. */
  readonly due: (now: number, limit: number) => Promise<readonly Item[]>;
  /** When `due` has its next item, as seen at `now`. */
  readonly nextDueAt: (now: number) => Promise<number | undefined>;
  /** Which of those that are due come first. Default: as they are given. */
  readonly inOrder?: (items: readonly Item[]) => readonly Item[];
  /** So many lanes are expected to wait for `waitsUntil`. */
  readonly waiting?: () => number;
  /** When the item may be sent; undefined: now. */
  readonly waitsUntil: (item: Item) => Promise<number | undefined>;
  /** Sends the item once, and stores what became of it. MUST NOT reject. */
  readonly send: (item: Item) => Promise<void>;
}): Lanes => {
  const { clock, maxLanes, laneOf, inOrder = (items) => items, waiting = () => 0 } = deps;
  const sends = new Map<Lane, Promise<void>>();
  const items = new Set<Id>();
  const ended = new Set<Id>();

  const poll = async (): Promise<number | undefined> => {
    const wakeAt: number[] = [];
    const seen = new Set<Id>();
    const most = await maxLanes();
    ended.clear();
    let readAt = clock.now();
    // Some of the due lanes cannot be sent to now: the poll reads on until there is work for all slots, or no more.
    for (let limit = most + waiting(); sends.size < most; limit *= 2) {
      readAt = clock.now();
      const due = await deps.due(readAt, limit);
      const unseen = due.filter(({ id }) => !seen.has(id));
      for (const item of inOrder(unseen)) {
        seen.add(item.id);
        if (sends.size >= most) break;
        const lane = laneOf(item);
        if (!maySend(item.id, lane, { lanes: sends, items, ended })) continue;
        const until = await deps.waitsUntil(item);
        if (until === undefined) sends.set(lane, send(item, lane));
        else wakeAt.push(until);
      }
      if (due.length < limit) break;
    }
    const next = await deps.nextDueAt(readAt);
    // What was due then is being sent, which wakes the loop, or waits for its lane.
    if (next !== undefined && next > readAt) wakeAt.push(next);
    return wakeAt.length > 0 ? Math.min(...wakeAt) : undefined;
  };

  const send = async (item: Item, lane: Lane): Promise<void> => {
    items.add(item.id);
    try {
      await deps.send(item);
    } finally {
      sends.delete(lane);
      items.delete(item.id);
      ended.add(item.id);
      loop.wake();
    }
  };

  const { name, changes, events, intervalMs } = deps;
  const loop = makeLoop({ name, clock, changes, events, poll, ...(intervalMs === undefined ? {} : { intervalMs }) });

  return {
    start: loop.start,
    async stop() {
      await loop.stop();
      await Promise.all(sends.values());
    },
  };
};
