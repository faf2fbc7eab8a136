import { setTimeout as wait } from 'node:timers/promises';
import { type ContenderKey, contenderOf } from './contenders.ts';
import { inFreshPlace, type Places } from './places.ts';
import { withPlayers } from './players.ts';

export interface PickUps {
  /**
   * From when the one who asked knew that the job is stored to when it started, in ms; less than nothing where the
   * worker was faster.
   */
  readonly sinceStored: readonly number[];
  /** From when it was asked for. */
  readonly sinceAsked: readonly number[];
}

const CONCURRENCY = 10;

/** One process asks for jobs, each when the one before it has started and all was quiet for a while; another works. */
export const pickUp = (places: Places, key: ContenderKey, jobs: number): Promise<PickUps> =>
  inFreshPlace(places, contenderOf(key), (place) =>
    withPlayers(key, place, 2, async ([producer, worker]) => {
      if (!producer || !worker) throw new Error('nobody plays');
      const run = async (from: number, count: number): Promise<PickUps> => {
        await worker.ask('work', { concurrency: CONCURRENCY });
        const added = new Map<number, { asked: number; stored: number }>();
        for (let number = from; number < from + count; number++) {
          // Of no fixed length: nobody's poll shall keep step with it.
          await wait(15 + Math.random() * 20);
          added.set(number, await producer.ask('addOne', { number }));
          while (worker.started < number - from + 1) await worker.news();
        }
        const { started } = await worker.ask('rest', undefined);
        const since = (what: 'asked' | 'stored') => started.map(({ number, at }) => at - (added.get(number)?.[what] ?? Number.NaN));
        return { sinceStored: since('stored'), sinceAsked: since('asked') };
      };
      const warmUp = Math.ceil(jobs / 5);
      await run(0, warmUp);
      return run(warmUp, jobs);
    }),
  );
