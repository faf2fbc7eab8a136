import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { makeWebhookChannel } from '../../src/adapters/alerts/index.ts';
import { MINUTE, makeAlertSite } from '../application/alerts/alert-site.ts';
import { openWebhook } from '../fakes/alerts/webhook.ts';

describe('The alert that the page about webhooks shows', () => {
  it('is what a webhook gets when Telegram falls silent', async () => {
    await using service = await openWebhook(undefined);
    const site = makeAlertSite({ realReaders: ['gateway.silent'] });
    site.gatewaysAre([{ gateway: 'telegram', status: 'fail', message: 'not connected: the network is unreachable' }]);
    await site.during(site.begin({ channels: [makeWebhookChannel({ url: service.url })] }), 5 * MINUTE);
    const page = readFileSync(new URL('../../docs/how-to/be-alerted.md', import.meta.url), 'utf8');
    const shown = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => json).filter((json) => json.includes('"status"'));
    expect(shown.map((json) => JSON.parse(json))).to.deep.equal(service.taken().map(({ body }) => JSON.parse(body)));
  });
});
