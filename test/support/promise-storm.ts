import { setTimeout as wait } from 'node:timers/promises';
import type { Randomness } from '../../src/ports/index.ts';
import type { PromiseMaker } from './promise-maker.ts';
import type { Plan } from './promise-tasks.ts';

/**
 * Strikes with each of these, in any order, one after the other, while a share of the promises is made: half at once,
 * half a moment later.
 */
export const endure = async (
  strikes: readonly (() => Promise<void>)[],
  plans: readonly Plan[],
  maker: PromiseMaker,
  randomness: Randomness,
): Promise<void> => {
  const inAnyOrder = strikes.map((strike) => ({ strike, at: randomness.fraction() })).toSorted((a, b) => a.at - b.at);
  const makeShare = async (at: number): Promise<void> => {
    const [begin, middle, end] = [at, at + 0.5, at + 1].map((count) => Math.floor((plans.length * count) / strikes.length));
    const pauseMs = randomness.fraction() * 1_000;
    await maker.make(plans.slice(begin, middle));
    await wait(pauseMs);
    await maker.make(plans.slice(middle, end));
  };
  for (const [at, { strike }] of inAnyOrder.entries()) await Promise.all([makeShare(at), strike()]);
};

export const times = <T>(count: number, value: T): readonly T[] => Array<T>(count).fill(value);
