import { promiseEndedFact } from '../../domain/audit/facts.ts';
import type { OutboxDraft } from '../../domain/outbox/outbox.ts';
import { keptDeliveryKey, outcomeText, type PromiseCost, storedOutcomeKey } from '../../domain/promise/outcome.ts';
import type { PromiseId, SettledPromise } from '../../domain/promise/promise.ts';
import { present } from '../../domain/shared/present.ts';
import { OWN_WORDS } from '../../domain/trust/labels.ts';
import { promiseSettledEvent } from '../../domain/webhook/webhook-event.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';

/** What promises have cost, as far as it is known and more than nothing. */
export type PromiseCosts = ReadonlyMap<PromiseId, PromiseCost>;
const NO_COSTS: PromiseCosts = new Map();

/**
 * Queues the outcomes of settled promises for their chats, each as a reply to the message that asked, and adds them to
 * the conversations, to the audit log and to the events for webhooks.
 */
export const announceOutcomes = async (
  stores: Stores,
  promises: readonly SettledPromise[],
  at: number,
  randomness: Randomness,
  costs: PromiseCosts = NO_COSTS,
): Promise<void> => {
  const drafts = promises.map(
    (promise): OutboxDraft => ({
      chatId: promise.chatId,
      text: outcomeText(promise, costs.get(promise.id)),
      ...present({ replyTo: promise.messageId, provenance: promise.provenance }),
      answers: [],
      promiseId: promise.id,
      dedupeKey: storedOutcomeKey(promise),
      deliveryKey: keptDeliveryKey(promise) ?? randomness.id(),
      createdAt: at,
    }),
  );
  await stores.audit.add(promises.map((promise) => promiseEndedFact(promise, at)));
  await stores.webhooks.add(promises.map((promise) => promiseSettledEvent(promise, at)));
  const added = await stores.outbox.addMany(drafts);
  const told = drafts.filter((_, i) => added[i]);
  await stores.conversations.append(
    told.map(({ chatId, text, provenance }) => ({
      chatId,
      at,
      step: { role: 'agent', text, toolCalls: [], provenance: provenance ?? OWN_WORDS },
    })),
  );
};
