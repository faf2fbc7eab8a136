import type { OutboxItem } from '../outbox/outbox.ts';
import { type AgentPromise, isSettled, type PromiseId, type SettledPromise } from './promise.ts';

/**
 * The dedupe key of an outcome: one for each time that the promise settles, because a retry by hand gives it a later
 * version. `:` and a suffix may follow where the outcome is sent again.
 */
export const outcomeKey = (id: PromiseId, version: number): string => `promise:${id}:${version}`;

/** Whether an outbox item tells how the promise, as it is stored, ended; false for an end before a retry by hand. */
export const tellsOutcomeOf = ({ dedupeKey }: Pick<OutboxItem, 'dedupeKey'>, promise: AgentPromise): boolean =>
  isSettled(promise) && `${dedupeKey}:`.startsWith(`${storedOutcomeKey(promise)}:`);

/** The key of the outcome of a promise as it is stored: saving it made its version one higher. */
export const storedOutcomeKey = ({ id, version }: SettledPromise): string => outcomeKey(id, version - 1);

/** What the chat is told when a promise settles. */
export const outcomeText = (promise: SettledPromise): string => {
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
