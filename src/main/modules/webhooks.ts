import type { Container } from 'inversify';
import { alertFactView, approvalView, promiseView } from '../../adapters/views/index.ts';
import { makeWebhookReceiver } from '../../adapters/webhooks/index.ts';
import { makeWebhookDeliverer, makeWebhooks } from '../../application/index.ts';
import { redactValues } from '../../application/tools/redact-values.ts';
import type { PostedEvent, Redact } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** Where facts are posted to, and what may be asked about that, in every process. */
export const bindWebhookReceiver = (container: Container): void => {
  bind(
    container,
    T.webhookReceiver,
    { config: T.config, redact: T.redact, clock: T.clock },
    ({ config: { webhook }, redact, clock }) => webhook && makeWebhookReceiver({ ...webhook, clock, view: factView(redact) }),
  );
  bind(
    container,
    T.webhooks,
    { receiver: T.webhookReceiver, storage: T.storage, clock: T.clock, randomness: T.randomness, redact: T.redact },
    makeWebhooks,
  );
};

/** What posts them, in the bot that leads. */
export const bindWebhooks = (container: Container): void =>
  bind(
    container,
    T.webhookDeliverer,
    { receiver: T.webhookReceiver, storage: T.storage, changes: T.changes, clock: T.clock, events: T.events, redact: T.redact },
    makeWebhookDeliverer,
  );

/** A fact as the API shows what it is of, without secrets. */
const factView =
  (redact: Redact) =>
  (fact: PostedEvent['fact']): unknown =>
    redactValues(redact, viewOf(fact));

const viewOf = (fact: PostedEvent['fact']) => {
  switch (fact.type) {
    case 'promise.settled':
      return promiseView(fact.promise);
    case 'approval.asked':
      return approvalView(fact.approval);
    case 'webhook.test':
      return { note: fact.note };
    default:
      return alertFactView(fact.alert);
  }
};
