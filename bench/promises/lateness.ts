import { makeCommands } from '../../src/application/index.ts';
import { NO_USAGE, type PromiseId } from '../../src/domain/index.ts';
import { PortError } from '../../src/ports/index.ts';
import { textOf } from './contender.ts';
import { type Engine, originOf, partsOf, startWorker } from './kept.ts';

const RETRY = { maxAttempts: 3, backoffMs: 700 };
const EACH = 20;
const SPREAD_MS = 1_500;

export interface Lateness {
  readonly delayed: readonly number[];
  readonly retried: readonly number[];
}

/**
 * How late promises start that were put off, and those whose first attempt has failed, in ms: made over one engine,
 * kept over the other.
 */
export const lateness = async ([maker, keeper]: readonly Engine[]): Promise<Lateness> => {
  if (!maker || !keeper) throw new Error('one to make them, and one to keep them');
  const dueAt = new Map<PromiseId, number>();
  const delayed: number[] = [];
  const retried: number[] = [];
  const all = Promise.withResolvers<void>();
  const stop = await startWorker(keeper, 10, {
    execute: async ({ id, attempts, notBefore }) => {
      const now = Date.now();
      const due = notBefore ?? dueAt.get(id);
      if (due === undefined) {
        dueAt.set(id, now + RETRY.backoffMs);
        throw new PortError('unavailable', 'not this time', { retryable: true });
      }
      if (notBefore === undefined && attempts !== 2) throw new Error(`attempt ${attempts}`);
      (notBefore === undefined ? retried : delayed).push(now - due);
      if (delayed.length + retried.length === 2 * EACH) all.resolve();
      return { text: 'done', usage: NO_USAGE };
    },
  });
  const { makePromise } = makeCommands({ ...partsOf(maker), retry: RETRY });
  for (let at = 0; at < EACH; at++) {
    await makePromise({ description: textOf(at) }, originOf(at));
    const notBefore = Date.now() + 500 + Math.round((at * SPREAD_MS) / EACH);
    await makePromise({ description: textOf(at), notBefore }, originOf(at));
  }
  await all.promise;
  await stop();
  return { delayed, retried };
};
