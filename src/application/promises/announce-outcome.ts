import type { OutboxDraft, OutboxItem } from '../../domain/outbox/outbox.ts';
import { type AgentPromise, isSettled, type PromiseId, type SettledPromise } from '../../domain/promise/promise.ts';
import { present } from '../../domain/shared/present.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';

/**
 * Queues the outcomes of settled promises for their chats, each as a reply to the message that asked, and adds them to
 * the conversations.
 */
export const announceOutcomes = async (
  stores: Stores,
  promises: readonly SettledPromise[],
  at: number,
  randomness: Randomness,
): Promise<void> => {
  const drafts = promises.map(
    (promise): OutboxDraft => ({
      chatId: promise.chatId,
      text: outcomeText(promise),
      ...present({ replyTo: promise.messageId }),
      answers: [],
      promiseId: promise.id,
      dedupeKey: outcomeKey(promise.id, promise.version),
      deliveryKey: randomness.id(),
      createdAt: at,
    }),
  );
  const added = await stores.outbox.addMany(drafts);
  const told = drafts.filter((_, i) => added[i]);
  await stores.conversations.append(told.map(({ chatId, text }) => ({ chatId, at, step: { role: 'agent', text, toolCalls: [] } })));
};

/**
 * Once per settlement: a promise that is retried by hand settles again, at a later version. Behind it may stand `:` and
 * which telling it is.
 */
export const outcomeKey = (id: PromiseId, version: number): string => `promise:${id}:${version}`;

/** Whether an outbox item tells how the promise, as it is stored, has ended: not how it ended before it was retried. */
export const tellsOutcomeOf = ({ dedupeKey }: OutboxItem, promise: AgentPromise): boolean =>
  isSettled(promise) && `${dedupeKey}:`.startsWith(`${outcomeKey(promise.id, promise.version - 1)}:`);

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
