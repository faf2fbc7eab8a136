import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ContenderKey } from './contenders.ts';

/** What a player may be asked, and what it answers. Times are in ms, of one clock for all processes. */
export interface Ask {
  add: [{ from: number; count: number }, number];
  addAtOnce: [{ from: number; count: number }, number];
  addBatches: [{ from: number; count: number; size: number }, number];
  addOne: [{ number: number }, { asked: number; stored: number }];
  work: [{ concurrency: number }, undefined];
  rest: [undefined, { started: readonly { readonly number: number; readonly at: number }[]; cpuMs: number }];
  left: [undefined, number];
}

export type Told = { readonly started: number } | { readonly value: unknown } | { readonly error: string };

/** A process on a contender's queue. It is asked one thing at a time. */
export interface Player {
  ask<Kind extends keyof Ask>(kind: Kind, asked: Ask[Kind][0]): Promise<Ask[Kind][1]>;
  /** How many jobs its worker has started, as far as it has told. */
  readonly started: number;
  /** Resolves when it tells of more. */
  news(): Promise<void>;
  end(): Promise<void>;
}

/** A directory for a CPU profile of each process. */
const PROFILES = process.env.KEPT_BENCH_PROFILES;

const PROGRAM = fileURLToPath(new URL('player.ts', import.meta.url));

export const startPlayer = async (contender: ContenderKey, place: string): Promise<Player> => {
  const child: ChildProcess = fork(PROGRAM, [contender, place], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
    execArgv: PROFILES ? ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`] : [],
  });
  let started = 0;
  let news = Promise.withResolvers<void>();
  let answer = Promise.withResolvers<unknown>();
  const exited = once(child, 'exit');
  child.on('message', (told: Told) => {
    if ('error' in told) answer.reject(new Error(`${contender}: ${told.error}`));
    else if ('value' in told) answer.resolve(told.value);
    else {
      started = told.started;
      news.resolve();
      news = Promise.withResolvers();
    }
  });
  child.once('exit', (code) => {
    const gone = new Error(`${contender} ended with ${code}`);
    for (const { promise, reject } of [answer, news]) {
      // Whoever waits for it hears of it; it may be nobody.
      promise.catch(() => undefined);
      reject(gone);
    }
  });
  await answer.promise;
  return {
    ask: async <Kind extends keyof Ask>(kind: Kind, asked: Ask[Kind][0]) => {
      answer = Promise.withResolvers();
      if (kind === 'work') started = 0;
      child.send({ kind, asked });
      return (await answer.promise) as Ask[Kind][1];
    },
    get started() {
      return started;
    },
    news: () => news.promise,
    end: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
};

/** Runs `use` with that many processes on one queue, and ends them. */
export const withPlayers = async <T>(
  contender: ContenderKey,
  place: string,
  count: number,
  use: (players: readonly Player[]) => Promise<T>,
): Promise<T> => {
  // The first makes the tables.
  const players = [await startPlayer(contender, place)];
  try {
    players.push(...(await Promise.all(Array.from({ length: count - 1 }, () => startPlayer(contender, place)))));
    return await use(players);
  } finally {
    await Promise.all(players.map((player) => player.end()));
  }
};
