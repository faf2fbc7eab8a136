import { operatorFact } from '../../domain/audit/facts.ts';
import { present } from '../../domain/shared/present.ts';
import { ok, refuse } from '../../domain/shared/result.ts';
import type { Clock } from '../../ports/clock.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Storage } from '../../ports/storage/storage.ts';
import type { Webhooks } from '../../ports/use-cases/webhooks.ts';
import type { WebhookReceiver } from '../../ports/webhook-receiver.ts';
import { callWithin } from '../loops/call-within.ts';
import { POST_MS } from './deliver-webhooks.ts';
import { makePause } from './pause.ts';

/** So many are made pending in one transaction. */
const BATCH = 500;

/** What may be asked about webhooks, in every process. */
export const makeWebhooks = ({
  receiver,
  storage: { stores, unitOfWork, state },
  clock,
  randomness,
  redact,
}: {
  readonly receiver?: WebhookReceiver | undefined;
  readonly storage: Pick<Storage, 'stores' | 'unitOfWork' | 'state'>;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'id'>;
  readonly redact: Redact;
}): Webhooks => ({
  list: async (query) => {
    const pause = makePause(state('webhooks'), clock);
    await pause.load();
    const until = pause.until(clock.now());
    return {
      stats: await stores.webhooks.stats(),
      events: await stores.webhooks.list(query),
      ...present({
        receiver: receiver && { place: receiver.place, isSigned: receiver.isSigned },
        pause: until === undefined ? undefined : { failures: pause.failures(), until },
      }),
    };
  },
  test: async () => {
    if (!receiver) return refuse('webhook/no-receiver', 'KEPT_WEBHOOK_URL is not set: there is nobody to post to');
    const event = {
      eventId: `evt_test_${randomness.id()}`,
      at: clock.now(),
      fact: { type: 'webhook.test', note: 'This is a test. Nothing has happened.' },
    } as const;
    try {
      await callWithin(clock, POST_MS, (signal) => receiver.post(event, signal));
      return ok({ eventId: event.eventId });
    } catch (error) {
      return ok({ eventId: event.eventId, reason: redact(reasonOf(error)) });
    }
  },
  retry: async (eventId) => {
    const known = eventId === undefined ? undefined : await stores.webhooks.get(eventId);
    if (eventId !== undefined && !known) return refuse('webhook/not-found', `there is no event ${eventId}`);
    if (known && known.status !== 'failed')
      return refuse('webhook/not-failed', `event ${known.eventId} is ${known.status}: only one that was given up is posted again`);
    // Some may be given up once more meanwhile.
    const most = (await stores.webhooks.stats()).counts.failed;
    let revived = 0;
    for (let batch = BATCH; batch === BATCH && revived < most; revived += batch)
      batch = await unitOfWork.run(async ({ webhooks, audit }) => {
        const at = clock.now();
        const count = await webhooks.revive({ limit: BATCH, ...present({ eventId }) }, at);
        if (count > 0) await audit.add([operatorFact('retry-webhooks', present({ eventId, count }), at)]);
        return count;
      });
    return ok(revived);
  },
});
