import { type ContenderKey, contenderOf } from './contenders.ts';
import { inFreshPlace, type Places } from './places.ts';
import { withPlayers } from './players.ts';

export const BATCH = 500;

export interface Enqueued {
  /** Jobs a second: each asked for when the one before it is stored, */
  readonly oneByOne: number;
  /** all asked for at once, each by itself, */
  readonly atOnce: number;
  /** and 500 in one call. */
  readonly batches: number;
}

/** Nobody works meanwhile. */
export const enqueue = (
  places: Places,
  key: ContenderKey,
  jobs: { readonly single: number; readonly batched: number },
): Promise<Enqueued> =>
  inFreshPlace(places, contenderOf(key), (place) =>
    withPlayers(key, place, 1, async ([player]) => {
      if (!player) throw new Error('nobody plays');
      let from = 0;
      const perSecond = async (kind: 'add' | 'addAtOnce' | 'addBatches', count: number): Promise<number> => {
        const ms = await player.ask(kind, { from, count, size: BATCH });
        from += count;
        return (count * 1_000) / ms;
      };
      for (const kind of ['add', 'addAtOnce', 'addBatches'] as const) await perSecond(kind, Math.ceil(jobs.single / 5));
      const result = {
        oneByOne: await perSecond('add', jobs.single),
        atOnce: await perSecond('addAtOnce', jobs.single),
        batches: await perSecond('addBatches', jobs.batched),
      };
      if ((await player.ask('left', undefined)) !== from) throw new Error(`${key} has not stored ${from} jobs`);
      return result;
    }),
  );
