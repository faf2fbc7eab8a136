import { strict as assert } from 'node:assert';
import { makeWebhookEventsChannel } from '../../../src/adapters/webhooks/index.ts';
import type { Storage } from '../../../src/ports/index.ts';
import { MINUTE, makeAlertSite, SECOND } from '../alerts/alert-site.ts';

const WORKER = { value: 0, found: 'No worker gives a sign of life.' };
const WELL = { value: 1, found: 'One worker.' };

const open = async () => {
  const site = makeAlertSite();
  const { webhooks } = site.storage.stores;
  await webhooks.listen(true);
  const begin = (storage: Storage = site.storage) =>
    site.begin({ storage, channels: [makeWebhookEventsChannel({ unitOfWork: storage.unitOfWork, clock: site.clock })] });
  const told = async () => (await webhooks.list({ limit: 10 })).map(({ fact, subject }) => `${fact.type} ${subject}`).toReversed();
  return { site, webhooks, begin, told };
};

describe('Alerts among the events for webhooks', () => {
  it('are stored once as they begin and once as they end, under ids of their own', async () => {
    const { site, begin, told, webhooks } = await open();
    const watch = begin();
    site.finds('queue.worker', WORKER);
    await site.during(watch, 10 * MINUTE);
    assert.deepEqual(await told(), ['alert.firing alert:queue.worker']);
    site.finds('queue.worker', WELL);
    await site.during(watch, 10 * MINUTE);
    assert.deepEqual(await told(), ['alert.firing alert:queue.worker', 'alert.resolved alert:queue.worker']);
    assert.equal(new Set((await webhooks.list({ limit: 10 })).map(({ eventId }) => eventId)).size, 2);
    await watch.stop();
  });

  it('are neither lost nor doubled where storing them fails on the way, and not told while they are silenced', async () => {
    const { site, begin, told } = await open();
    let failures = 3;
    const failing: Storage = {
      ...site.storage,
      unitOfWork: {
        run: (work) =>
          site.storage.unitOfWork.run(async (stores) => {
            const result = await work(stores);
            if ((await stores.webhooks.stats()).counts.pending > 0 && failures-- > 0) throw new Error('undone');
            return result;
          }),
      },
    };
    const watch = begin(failing);
    site.finds('queue.worker', WORKER);
    await site.storage.stores.alerts.putSilence({ target: 'queue.oldest-due', until: site.clock.now() + 60 * MINUTE });
    site.finds('queue.oldest-due', { value: 5_000, found: 'It waits.' });
    await site.during(watch, 20 * MINUTE);
    assert.equal(failures < 0, true);
    assert.deepEqual(await told(), ['alert.firing alert:queue.worker']);
    await watch.stop();
    site.clock.advance(SECOND);
  });
});
