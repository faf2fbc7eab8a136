import { type ContenderKey, contenderOf } from './contenders.ts';
import { inFreshPlace, type Places } from './places.ts';
import { type Player, withPlayers } from './players.ts';

export interface Drain {
  /** Jobs before, which don't count. */
  readonly warmUp: number;
  /** As many jobs as take about so long, as fast as it was with those, */
  readonly drainMs: number;
  /** but no more. */
  readonly jobs: number;
  readonly workers: number;
  readonly concurrency: number;
}

export interface Drained {
  readonly jobsPerSecond: number;
  /** Of the workers' processes; what a database server uses is not in it. */
  readonly cpuMsPerJob: number;
}

const BATCH = 500;

const drained = async (players: readonly Player[], jobs: number): Promise<void> => {
  const [first] = players;
  const news = () => Promise.race(players.map((player) => player.news()));
  while (players.reduce((sum, { started }) => sum + started, 0) < jobs) await news();
  while ((await first?.ask('left', undefined)) !== 0);
};

/**
 * Starts a worker in each process and lets them empty the queue; resolves to how long it took, in ms. Every job must
 * have run exactly once.
 */
const empty = async (players: readonly Player[], from: number, jobs: number, concurrency: number) => {
  await players[0]?.ask('addBatches', { from, count: jobs, size: BATCH });
  const since = performance.now();
  await Promise.all(players.map((player) => player.ask('work', { concurrency })));
  await drained(players, jobs);
  const ms = performance.now() - since;
  const rested = await Promise.all(players.map((player) => player.ask('rest', undefined)));
  const started = rested.flatMap((each) => each.started.map(({ number }) => number));
  const once = new Set(started);
  if (
    started.length !== jobs ||
    once.size !== jobs ||
    !Array.from({ length: jobs }, (_, at) => from + at).every((number) => once.has(number))
  )
    throw new Error(`${jobs} jobs were to run once each; ${started.length} ran, of which ${once.size} different ones`);
  return { ms, cpuMs: rested.reduce((sum, each) => sum + each.cpuMs, 0) };
};

/** Empties a fresh queue of jobs that do nothing, by workers in as many processes. */
export const drain = (places: Places, key: ContenderKey, { warmUp, drainMs, jobs, workers, concurrency }: Drain): Promise<Drained> =>
  inFreshPlace(places, contenderOf(key), (place) =>
    withPlayers(key, place, workers, async (players) => {
      const before = await empty(players, 0, warmUp, concurrency);
      const count = Math.min(jobs, Math.max(warmUp, Math.round((warmUp * drainMs) / before.ms)));
      const { ms, cpuMs } = await empty(players, warmUp, count, concurrency);
      return { jobsPerSecond: (count * 1_000) / ms, cpuMsPerJob: (cpuMs - before.cpuMs) / count };
    }),
  );
