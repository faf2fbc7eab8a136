import { inDollars, type MicroUsd } from '../budget/money.ts';
import type { OutboxItem } from '../outbox/outbox.ts';
import { sha256 } from '../shared/sha256.ts';
import { type AgentPromise, isSettled, type PromiseId, type SettledPromise } from './promise.ts';

/**
 * The dedupe key of an outcome. Each time that the promise settles it has a key of its own, because a retry by hand
 * gives it a higher version. If the outcome is sent again, `:` and a suffix follow.
 */
export const outcomeKey = (id: PromiseId, version: number): string => `promise:${id}:${version}`;

/** Whether an outbox item tells the current outcome of a promise, and not one from before a retry by hand. */
export const tellsOutcomeOf = ({ dedupeKey }: Pick<OutboxItem, 'dedupeKey'>, promise: AgentPromise): boolean =>
  isSettled(promise) && `${dedupeKey}:`.startsWith(`${storedOutcomeKey(promise)}:`);

/** The key of the outcome of a stored promise: storing it made its version one higher. */
export const storedOutcomeKey = ({ id, version }: SettledPromise): string => outcomeKey(id, version - 1);

/**
 * The delivery key of the outcome of a promise that is kept, which happens once: it is the same where the promise is
 * kept once more because the database is an older state of itself, and the platform then drops the second one.
 * Undefined for one that may be retried by hand and settle again.
 */
export const keptDeliveryKey = ({ id, chatId, createdAt, status }: SettledPromise): string | undefined =>
  status === 'completed' ? `kept-${sha256(`${chatId} ${id} ${createdAt}`).slice(0, 40)}` : undefined;

/** What the chat is told when a promise settles; with what it cost, where that is known. */
export const outcomeText = (promise: SettledPromise, cost?: PromiseCost): string => {
  const text = outcomeOf(promise);
  return cost === undefined || cost.amount === 0 ? text : `${text}\n\n${costLine(cost)}`;
};

/** What a promise has cost; of some of its calls, the price may not be known. */
export interface PromiseCost {
  readonly amount: MicroUsd;
  readonly isWhole: boolean;
}

const costLine = ({ amount, isWhole }: PromiseCost): string => `(It cost ${isWhole ? '' : 'at least '}${inDollars(amount)}.)`;

const outcomeOf = (promise: SettledPromise): string => {
  const title = `Promise #${promise.id}`;
  switch (promise.status) {
    case 'completed':
      return `${title} is kept: ${promise.description}\n\n${promise.result}`;
    case 'failed': {
      const tries = promise.attempts > 1 ? ` after ${promise.attempts} attempts` : '';
      if (promise.error.code === 'could-not')
        return `${title} could not be kept${tries}: ${promise.description}\n\n${promise.error.message}\n\n/retry ${promise.id} tries it again.`;
      return `${title} failed${tries}: ${promise.description}\n\n${promise.error.message}`;
    }
    case 'cancelled':
      return `${title} is cancelled: ${promise.description}\n\n${promise.reason}`;
  }
};
