import { expect } from 'chai';
import { makePagerDutyChannel } from '../../../src/adapters/alerts/index.ts';
import { openPagerDuty, ROUTING_KEY } from '../../fakes/alerts/pagerduty.ts';
import { AT, anAlert, describeHttpChannel, itsEnd, LIMIT_MS } from './http-channel.contract.ts';

describeHttpChannel('pagerduty', async () => {
  const service = await openPagerDuty();
  const at = (url: string, limitMs = LIMIT_MS) => makePagerDutyChannel({ routingKey: ROUTING_KEY, url, limitMs });
  const sent = (): string[] =>
    service.taken().map(({ body }) => {
      const { event_action, dedup_key } = JSON.parse(body) as Readonly<Record<string, string>>;
      return `${event_action === 'trigger' ? 'firing' : 'resolved'} ${dedup_key}`;
    });
  return { channel: at(service.url), service, at, secrets: [ROUTING_KEY], sent };
});

describe("PagerDuty's alerts", () => {
  it('are one incident, however often an alert is sent, until it is over', async () => {
    await using service = await openPagerDuty();
    const channel = makePagerDutyChannel({ routingKey: ROUTING_KEY, url: `${service.url}/v2/enqueue` });
    const send = (...alerts: Parameters<typeof channel.send>[0]) => channel.send(alerts, new AbortController().signal);
    for (const alert of [anAlert(), anAlert()]) await send(alert);
    expect([service.open(), service.opened()]).to.deep.equal([['gateway.silent:telegram'], 1]);
    await send(itsEnd(anAlert()));
    expect(service.open()).to.deep.equal([]);
    const { payload } = JSON.parse(service.taken()[0]?.body ?? '');
    expect(payload).to.include({ summary: 'A gateway is silent: telegram', severity: 'critical', timestamp: new Date(AT).toISOString() });
  });

  it('keep one incident under a key that is too long for it', async () => {
    await using service = await openPagerDuty();
    const channel = makePagerDutyChannel({ routingKey: ROUTING_KEY, url: service.url });
    const long = anAlert({ key: `queue.worker:${'k'.repeat(280)}` });
    await channel.send([long], new AbortController().signal);
    expect(service.open()).to.have.length(1);
    await channel.send([itsEnd(long)], new AbortController().signal);
    expect([service.open(), service.problems()]).to.deep.equal([[], []]);
  });
});
