import { claimCost } from './claim-cost.ts';
import { type ContenderKey, contenderOf, KEYS } from './contenders.ts';
import { type Drained, drain } from './drain.ts';
import { ENGINE_KEYS, type EngineKey, withEngines } from './engines.ts';
import { type Enqueued, enqueue } from './enqueue.ts';
import { type Lateness, lateness } from './lateness.ts';
import { type PickUps, pickUp } from './pick-up.ts';
import type { Places } from './places.ts';

export interface Sizes {
  /** Each round asks every contender in turn. */
  readonly rounds: number;
  /** Jobs that are put each by itself, and jobs that are put by 500. */
  readonly single: number;
  readonly batched: number;
  /** Of a drain: see `Drain`. */
  readonly warmUp: number;
  readonly drainMs: number;
  readonly jobs: number;
  readonly pickUps: number;
  readonly claims: number;
  /** Promises that are pending while one claims, from few to many. */
  readonly pending: readonly number[];
}

/** Who drains how: processes, and jobs side by side in each. */
export interface DrainSettings {
  readonly workers: number;
  readonly concurrency: number;
}

export const FEW = 10;
export const DRAINS: readonly DrainSettings[] = [1, 4].flatMap((workers) => [FEW, 100].map((concurrency) => ({ workers, concurrency })));
export const drainName = ({ workers, concurrency }: DrainSettings): string => `${workers} × ${concurrency}`;

/** Who is measured at what: those that are only there to explain others are left out where they explain nothing. */
const isAlone = (key: ContenderKey): boolean => key === 'keptQueue' || key === 'keptPostgresQueue';
const ENQUEUERS = KEYS.filter((key) => !isAlone(key) && key !== 'graphileBatched');
const PICKERS = ENQUEUERS.filter((key) => key !== 'keptNormal' && key !== 'plainjobFull');
const CROWDS: readonly ContenderKey[] = ['kept', 'plainjobNormal', 'plainjobFull', 'keptPostgres', 'pgBoss', 'graphileBatched'];
const drainers = ({ workers, concurrency }: DrainSettings): readonly ContenderKey[] =>
  (workers === 1 ? KEYS : CROWDS).filter((key) => concurrency === FEW || !contenderOf(key).oneAtATime);

export interface Results {
  readonly enqueued: ReadonlyMap<ContenderKey, readonly Enqueued[]>;
  /** By `drainName`. */
  readonly drained: ReadonlyMap<string, ReadonlyMap<ContenderKey, readonly Drained[]>>;
  readonly pickedUp: ReadonlyMap<ContenderKey, PickUps>;
  readonly late: ReadonlyMap<EngineKey, Lateness>;
  readonly claims: ReadonlyMap<EngineKey, ReadonlyMap<number, readonly number[]>>;
}

export const measure = async (places: Places, sizes: Sizes, tell: (what: string) => void): Promise<Results> => {
  /** Every contender in turn, round after round. */
  const inTurns = async <Key extends string, T>(what: string, keys: readonly Key[], once: (key: Key) => Promise<T>) => {
    const results = new Map(keys.map((key) => [key, [] as T[]]));
    for (let round = 1; round <= sizes.rounds; round++) {
      tell(`${what}, round ${round} of ${sizes.rounds}`);
      for (const key of keys) results.get(key)?.push(await once(key));
    }
    return results;
  };

  const enqueued = await inTurns('enqueue', ENQUEUERS, (key) => enqueue(places, key, sizes));

  const drained = new Map<string, ReadonlyMap<ContenderKey, readonly Drained[]>>();
  for (const settings of DRAINS) {
    const name = drainName(settings);
    drained.set(name, await inTurns(`drain ${name}`, drainers(settings), (key) => drain(places, key, { ...sizes, ...settings })));
  }

  const picked = await inTurns('pick-up', PICKERS, (key) => pickUp(places, key, Math.ceil(sizes.pickUps / sizes.rounds)));
  const pickedUp = new Map(
    [...picked].map(([key, rounds]) => [
      key,
      { sinceStored: rounds.flatMap(({ sinceStored }) => sinceStored), sinceAsked: rounds.flatMap(({ sinceAsked }) => sinceAsked) },
    ]),
  );

  const late = new Map<EngineKey, Lateness>();
  const claims = new Map<EngineKey, ReadonlyMap<number, readonly number[]>>();
  for (const key of ENGINE_KEYS) {
    const { name } = contenderOf(key);
    tell(`delays and retries, ${name}`);
    late.set(key, await withEngines(places, key, { fresh: 1, each: 2 }, lateness));
    tell(`claims, ${name}`);
    const { pending, claims: count } = sizes;
    claims.set(key, await withEngines(places, key, { fresh: pending.length }, (engines) => claimCost(engines, pending, count)));
  }
  return { enqueued, drained, pickedUp, late, claims };
};
