import { strict as assert } from 'node:assert';
import { makePagerDutyChannel, makeWebhookChannel } from '../../../src/adapters/alerts/index.ts';
import { openPagerDuty, ROUTING_KEY } from '../../fakes/alerts/pagerduty.ts';
import type { ReceivedRequest } from '../../fakes/alerts/stand-in.ts';
import { openWebhook } from '../../fakes/alerts/webhook.ts';
import { MINUTE, makeAlertSite } from './alert-site.ts';

const keyOf = ({ body }: ReceivedRequest): string => {
  const { key, dedup_key } = JSON.parse(body) as { readonly key?: string; readonly dedup_key?: string };
  return key ?? dedup_key ?? '';
};
const SERVICES = {
  webhook: async () => {
    const service = await openWebhook(undefined);
    return { service, channel: makeWebhookChannel({ url: service.url }) };
  },
  PagerDuty: async () => {
    const service = await openPagerDuty();
    return { service, channel: makePagerDutyChannel({ routingKey: ROUTING_KEY, url: service.url }) };
  },
} as const;

/** A service that takes alerts one by one refuses one of three: the others are its own no less. */
for (const [name, open] of Object.entries(SERVICES))
  for (const [status, tries] of [
    [400, 1],
    [503, 8],
  ] as const)
    it(`${name} gets two alerts once, though it answers a third with HTTP ${status}, and that one as soon as it takes it`, async () => {
      const { service, channel } = await open();
      await using _ = service;
      const site = makeAlertSite();
      site.finds('queue.worker', { value: 0 });
      site.finds('queue.undelivered', { value: 3 });
      site.finds('storage.disk', { value: 0.01 });
      service.refuse((asked) => (keyOf(asked) === 'queue.undelivered' ? status : undefined));
      const watch = site.begin({ channels: [channel] });
      await site.during(watch, 20 * MINUTE);
      const count = (key: string): number => service.requests().filter((asked) => keyOf(asked) === key).length;
      assert.deepEqual([count('queue.worker'), count('storage.disk'), count('queue.undelivered')], [1, 1, tries]);
      assert.deepEqual(
        site.events
          .of('alert-delivered')
          .map(({ key }) => key)
          .toSorted(),
        ['queue.worker', 'storage.disk'],
      );
      assert.deepEqual(new Set(site.events.of('alert-not-delivered').map(({ key }) => key)), new Set(['queue.undelivered']));
      service.refuse(() => undefined);
      await site.during(watch, 61 * MINUTE);
      assert.deepEqual(service.taken().map(keyOf).toSorted(), ['queue.undelivered', 'queue.worker', 'storage.disk']);
      assert.deepEqual(service.problems(), []);
    });
