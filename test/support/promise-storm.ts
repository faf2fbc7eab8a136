import type { Randomness } from '../../src/ports/index.ts';
import type { PromiseMaker } from './promise-maker.ts';
import type { Plan } from './promise-tasks.ts';

/** Strikes with each of these, in any order, one after the other, while a share of the promises is made. */
export const endure = async (
  strikes: readonly (() => Promise<void>)[],
  plans: readonly Plan[],
  maker: PromiseMaker,
  randomness: Randomness,
): Promise<void> => {
  const inAnyOrder = strikes.map((strike) => ({ strike, at: randomness.fraction() })).toSorted((a, b) => a.at - b.at);
  for (const [at, { strike }] of inAnyOrder.entries()) {
    const shareOf = (count: number): number => Math.floor((plans.length * count) / strikes.length);
    await Promise.all([maker.make(plans.slice(shareOf(at), shareOf(at + 1))), strike()]);
  }
};

export const times = <T>(count: number, value: T): readonly T[] => Array<T>(count).fill(value);
