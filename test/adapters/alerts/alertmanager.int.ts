import { expect } from 'chai';
import { makeAlertmanagerChannel } from '../../../src/adapters/alerts/index.ts';
import { openAlertmanagerStandIn } from '../../fakes/alerts/alertmanager.ts';
import { openAlertmanager, whyNoAlertmanager } from '../../support/alertmanager.ts';
import { anAlert, describeHttpChannel, itsEnd, LIMIT_MS } from './http-channel.contract.ts';

const PASSWORD = 'open-sesame-4711';

interface Posted {
  readonly labels: { readonly key: string };
  readonly endsAt?: string;
}

describeHttpChannel('alertmanager', async () => {
  const service = await openAlertmanagerStandIn();
  const at = (url: string, limitMs = LIMIT_MS) => makeAlertmanagerChannel({ url: url.replace('//', `//ann:${PASSWORD}@`), limitMs });
  const sent = (): string[] =>
    service
      .taken()
      .flatMap(({ body }) => JSON.parse(body) as Posted[])
      .map(({ labels, endsAt }) => `${endsAt === undefined ? 'firing' : 'resolved'} ${labels.key}`);
  return { channel: at(service.url), service, at, secrets: [PASSWORD, Buffer.from(`ann:${PASSWORD}`).toString('base64')], sent };
});

describe("Alertmanager's alerts", () => {
  it('have the same labels at their end, and are sent again before they expire', async () => {
    await using service = await openAlertmanagerStandIn();
    const channel = makeAlertmanagerChannel({ url: service.url });
    expect(channel.refreshMs).to.be.within(10_000, 150_000);
    for (const alert of [anAlert(), anAlert(), itsEnd(anAlert())]) await channel.send([alert], new AbortController().signal);
    expect([...service.known().values()]).to.deep.equal(['2026-11-30T12:10:00.000Z']);
  });
});

// A test that is skipped counts as a failure: where there is none, there is no test.
const absence = await whyNoAlertmanager();
if (absence !== undefined) console.error(`not run, because ${absence}: tests with a real Alertmanager`);
else
  describe('A real Alertmanager', function () {
    this.timeout(30_000);

    it('knows one alert, however often it is sent, and that it is over', async () => {
      await using real = await openAlertmanager();
      const channel = makeAlertmanagerChannel({ url: real.url });
      const now = Date.now();
      const alert = anAlert({ startedAt: now - 1_000 });
      const send = (one: typeof alert) => channel.send([one], new AbortController().signal);
      for (const one of [alert, alert]) await send(one);
      const [shown, ...more] = await real.alerts();
      expect(more).to.deep.equal([]);
      expect(shown?.labels).to.deep.equal({
        alertname: 'gateway.silent',
        key: 'gateway.silent:telegram',
        service: 'kept',
        severity: 'critical',
      });
      expect(shown?.annotations).to.deep.equal({ summary: alert.title, description: alert.detail });
      await send({ ...itsEnd(alert), resolvedAt: now });
      expect(await real.alerts()).to.deep.equal([]);
    });

    it('takes 20 alerts with huge texts', async () => {
      await using real = await openAlertmanager();
      const channel = makeAlertmanagerChannel({ url: real.url });
      const text = 'word "x" \u0000\r\n\ud83d <b> {{ $labels }} '.repeat(5_000);
      const alerts = Array.from({ length: 20 }, (_, at) =>
        anAlert({ key: `queue.worker:${at}`, title: text, detail: text, startedAt: Date.now() - 1 }),
      );
      await channel.send(alerts, new AbortController().signal);
      expect(await real.alerts()).to.have.length(20);
    });
  });
