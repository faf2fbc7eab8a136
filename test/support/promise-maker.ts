import { setTimeout as wait } from 'node:timers/promises';
import type { Commands } from '../../src/application/index.ts';
import type { PromiseId } from '../../src/domain/index.ts';
import { isPortError, type PortError } from '../../src/ports/index.ts';
import { type Plan, requestOf } from './promise-tasks.ts';

/** Makes promises as they were planned, whatever storage says, and remembers their numbers. */
export interface PromiseMaker {
  readonly ids: ReadonlyMap<Plan, PromiseId>;
  /** How often storage has refused, by code. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Resolves when all of these are made, and those cancelled that are to be. */
  make(plans: readonly Plan[]): Promise<void>;
}

export const makePromiseMaker = ({ makePromise, cancelPromise }: Pick<Commands, 'makePromise' | 'cancelPromise'>): PromiseMaker => {
  const ids = new Map<Plan, PromiseId>();
  const refusals = new Map<string, number>();

  /**
   * What was refused for now may have been stored all the same: a promise's key, and the state of a cancelled one,
   * tell.
   */
  const insist = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!isRetryable(error)) throw error;
        refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
        await wait(50);
      }
    }
  };

  const idOf = (plan: Plan): PromiseId => {
    const id = ids.get(plan);
    if (id === undefined) throw new Error(`${plan.key} is not made yet`);
    return id;
  };

  const makeOne = async (plan: Plan): Promise<void> => {
    const made = await insist(() => makePromise(...requestOf(plan, idOf, Date.now())));
    if (!made.ok) throw new Error(`${plan.key}: ${made.error.message}`);
    ids.set(plan, made.value.promise.id);
    if (!plan.isCancelled) return;
    const cancelled = await insist(() => cancelPromise(made.value.promise.id));
    if (!cancelled.ok && cancelled.error.code !== 'promise/already-settled') throw new Error(`${plan.key}: ${cancelled.error.message}`);
  };

  return {
    ids,
    refusals,
    make: async (plans) => {
      const chats = Map.groupBy(plans, ({ chat }) => chat);
      await Promise.all(
        [...chats.values()].map(async (its) => {
          for (const plan of its) await makeOne(plan);
        }),
      );
    },
  };
};

const isRetryable = (error: unknown): error is PortError => isPortError(error) && error.retryable;
