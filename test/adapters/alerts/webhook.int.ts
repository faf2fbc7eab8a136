import { expect } from 'chai';
import { makeWebhookChannel } from '../../../src/adapters/alerts/index.ts';
import { openWebhook } from '../../fakes/alerts/webhook.ts';
import { AT, anAlert, describeHttpChannel, itsEnd, LIMIT_MS } from './http-channel.contract.ts';

const SECRET = 'whsec-0123456789abcdef';
const TOKEN = 'hook-0123456789abcdef';

describeHttpChannel('webhook', async () => {
  const service = await openWebhook(SECRET);
  const at = (url: string, limitMs = LIMIT_MS) =>
    makeWebhookChannel({ url: `${url}/hooks/${TOKEN}?key=${TOKEN}`, secret: SECRET, limitMs });
  const bodies = (): Readonly<Record<string, string>>[] => service.taken().map(({ body }) => JSON.parse(body));
  return {
    channel: at(service.url),
    service,
    at,
    secrets: [SECRET, TOKEN],
    sent: () => bodies().map(({ status, key }) => `${status} ${key}`),
  };
});

describe('The webhook of alerts', () => {
  it('posts exactly this, an alert in a request', async () => {
    await using service = await openWebhook(SECRET);
    const channel = makeWebhookChannel({ url: `${service.url}/hook`, secret: SECRET });
    for (const alert of [anAlert(), itsEnd(anAlert())]) await channel.send([alert], new AbortController().signal);
    const first = {
      status: 'firing',
      key: 'gateway.silent:telegram',
      title: 'A gateway is silent: telegram',
      detail: 'For 2 min: not connected. Threshold: above 1 min. Look at "kept health".',
      severity: 'critical',
      startedAt: new Date(AT).toISOString(),
    };
    const second = { ...first, status: 'resolved', resolvedAt: '2026-11-30T12:10:00.000Z' };
    expect(service.taken().map(({ path, body }) => [path, JSON.parse(body)])).to.deep.equal([
      ['/hook', first],
      ['/hook', second],
    ]);
  });

  it('is not signed without a secret, and sends a user name and a password of its address as such', async () => {
    await using service = await openWebhook(undefined);
    const url = service.url.replace('//', '//ann:p%40ss@');
    await makeWebhookChannel({ url }).send([anAlert()], new AbortController().signal);
    expect(service.taken()[0]?.headers.authorization).to.equal(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`);
  });
});
