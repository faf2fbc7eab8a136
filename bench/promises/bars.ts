import { percentile } from '../table.ts';
import type { ContenderKey } from './contenders.ts';
import { ENGINE_KEYS, ENGINES } from './engines.ts';
import { DRAINS, type DrainSettings, drainName, FEW, type Results } from './measure.ts';
import type { PickUps } from './pick-up.ts';

/** What Kept wants to reach beside others, and what it reached. */
export interface Bar {
  readonly what: string;
  readonly wanted: string;
  readonly measured: number;
  readonly reached: boolean;
}

export const median = (values: readonly number[]): number => percentile(values, 50);

const atLeast = (what: string, wanted: number, measured: number): Bar => ({
  what,
  wanted: `≥ ${wanted.toFixed(1)} ×`,
  measured,
  reached: measured >= wanted,
});
const atMost = (what: string, wanted: number, measured: number, unit = '×'): Bar => ({
  what,
  wanted: `≤ ${wanted} ${unit}`,
  measured,
  reached: measured <= wanted,
});

export const barsOf = ({ enqueued, drained, pickedUp, late, claims }: Results): readonly Bar[] => {
  /** Of the same round, so that both had the same machine. */
  const ratio = <T>(
    results: ReadonlyMap<ContenderKey, readonly T[]> | undefined,
    ours: ContenderKey,
    theirs: ContenderKey,
    of: (one: T) => number,
  ) => median((results?.get(ours) ?? []).map((one, round) => of(one) / of(results?.get(theirs)?.[round] ?? one)));
  const draining = ({ workers, concurrency }: DrainSettings, ours: ContenderKey, theirs: ContenderKey) => {
    // Where it makes no difference to somebody how many run side by side, it was measured once.
    const [mine, other] = [drainName({ workers, concurrency }), drainName({ workers, concurrency: FEW })];
    const all = new Map([...(drained.get(other) ?? []), ...(drained.get(mine) ?? [])]);
    return ratio(all, ours, theirs, ({ jobsPerSecond }) => jobsPerSecond);
  };
  const p50 = (key: ContenderKey, since: keyof PickUps) => median(pickedUp.get(key)?.[since] ?? []);

  return [
    ...DRAINS.flatMap((settings) => {
      const how = `drain ${drainName(settings)}`;
      return [
        atLeast(`${how}: embedded (FULL) to plainjob (NORMAL)`, 1, draining(settings, 'kept', 'plainjobNormal')),
        atLeast(`${how}: embedded to plainjob, both FULL`, 2, draining(settings, 'kept', 'plainjobFull')),
        atLeast(`${how}: on PostgreSQL to pg-boss`, 1, draining(settings, 'keptPostgres', 'pgBoss')),
        // Like for like: the others tell nobody of an outcome.
        ...(settings.workers === 1
          ? [
              atLeast(
                `${how}: embedded (FULL), its queue alone, to plainjob (NORMAL)`,
                1,
                draining(settings, 'keptQueue', 'plainjobNormal'),
              ),
              atLeast(`${how}: embedded, its queue alone, to plainjob, both FULL`, 2, draining(settings, 'keptQueue', 'plainjobFull')),
              atLeast(`${how}: on PostgreSQL, its queue alone, to pg-boss`, 1, draining(settings, 'keptPostgresQueue', 'pgBoss')),
            ]
          : []),
      ];
    }),
    ...(
      [
        ['one by one', ({ oneByOne }) => oneByOne],
        ['each by itself, all at once', ({ atOnce }) => atOnce],
        ['in batches of 500', ({ batches }) => batches],
      ] as const satisfies readonly (readonly [string, (one: { oneByOne: number; atOnce: number; batches: number }) => number])[]
    ).map(([how, of]) => atLeast(`enqueue ${how}: embedded to plainjob, both FULL`, 1, ratio(enqueued, 'kept', 'plainjobFull', of))),
    ...(['sinceStored', 'sinceAsked'] as const).flatMap((since) => {
      const how = `pick-up p50 since ${since === 'sinceStored' ? 'stored' : 'asked'}`;
      return [
        atMost(`${how}: embedded to pg-boss`, 0.33, p50('kept', since) / p50('pgBoss', since)),
        atMost(`${how}: on PostgreSQL to pg-boss`, 1.15, p50('keptPostgres', since) / p50('pgBoss', since)),
      ];
    }),
    ...ENGINE_KEYS.flatMap((key) => {
      const { name } = ENGINES[key].contender;
      const { delayed = [], retried = [] } = late.get(key) ?? {};
      const [few = [], ...more] = [...(claims.get(key)?.values() ?? [])];
      return [
        atMost(`${name}: put off, started late at the most`, 1_500, Math.max(...delayed), 'ms'),
        atMost(`${name}: retry, started late at the most`, 1_500, Math.max(...retried), 'ms'),
        atMost(`${name}: a claim with the most pending to one with the fewest`, 1.5, median(more.at(-1) ?? few) / median(few)),
      ];
    }),
  ];
};
