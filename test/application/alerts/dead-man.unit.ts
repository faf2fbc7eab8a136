import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { ALERT_RULE_IDS, type AlertRules, builtInAlertRules } from '../../../src/domain/alert/rules.ts';
import { PortError, type Storage } from '../../../src/ports/index.ts';
import { MINUTE, makeAlertSite, SECOND } from './alert-site.ts';

const KEY = 'queue.worker';
const bad = { value: 0, found: 'No worker gives a sign of life.' };
const unavailable = (): never => {
  throw new PortError('unavailable', 'it is down', { retryable: true });
};

describe("The dead-man's switch", () => {
  it('hears once a minute that all is looked at', async () => {
    const site = makeAlertSite();
    await site.during(site.begin(), 10 * MINUTE);
    assert.equal(site.pings.length, 10);
  });

  it('hears that all is looked at where every rule is off, as none could fail to be read', async () => {
    const off = Object.fromEntries(
      ALERT_RULE_IDS.map((id) => [id, { ...builtInAlertRules()[id], severity: 'off' as const }]),
    ) as unknown as AlertRules;
    const site = makeAlertSite({ rules: off });
    await site.during(site.begin(), 10 * MINUTE);
    assert.equal(site.pings.length, 10);
  });

  it('hears nothing while the storage fails, or no rule can be read', async () => {
    const broken = (storage: Storage): Storage => ({
      ...storage,
      stores: { ...storage.stores, alerts: { ...storage.stores.alerts, records: async () => unavailable() } },
    });
    const site = makeAlertSite();
    await site.during(site.begin({ storage: broken(site.storage) }), 5 * MINUTE);
    assert.deepEqual(site.pings, []);
    assert.equal(site.events.of('poll-failed').at(-1)?.loop, 'alerts');
    for (const rule of ALERT_RULE_IDS) site.asks(rule, unavailable);
    await site.during(site.begin(), 5 * MINUTE);
    assert.deepEqual(site.pings, []);
  });

  it('hears nothing once an alert could be told by no channel for five minutes', async () => {
    const site = makeAlertSite();
    site.finds(KEY, bad);
    for (const channel of site.channels) channel.fails = unavailable;
    const watch = site.begin();
    await site.during(watch, 8 * MINUTE);
    const before = site.pings.length;
    await site.during(watch, 8 * MINUTE);
    assert.equal(site.pings.length, before);
    for (const channel of site.channels) channel.fails = undefined;
    await site.during(watch, 8 * MINUTE);
    assert.ok(site.pings.length > before);
  });

  it('hears nothing once Telegram is silent and the only channel is a chat there, whose outbox takes everything', async () => {
    const site = makeAlertSite({ channels: [] });
    site.channels.push(site.makeChannel('telegram', { gateway: 'telegram' }));
    site.finds('gateway.silent', { subject: 'telegram', value: 10 * MINUTE, found: 'Telegram is not connected.' });
    site.finds(KEY, bad);
    const watch = site.begin();
    await site.during(watch, 8 * MINUTE);
    assert.deepEqual(new Set(site.channels[0]?.alerts.map(({ key }) => key)), new Set(['gateway.silent:telegram', KEY]));
    const before = site.pings.length;
    await site.during(watch, 8 * MINUTE);
    assert.equal(site.pings.length, before);
    site.finds('gateway.silent', { subject: 'telegram', value: 0, found: 'Telegram is connected.' });
    await site.during(watch, 8 * MINUTE);
    assert.ok(site.pings.length > before, 'the other alert goes on, and was told');
  });

  it('is tried again at the next look where it did not hear, and that is said', async () => {
    const site = makeAlertSite();
    site.deadManFails = true;
    const watch = site.begin();
    await site.during(watch, MINUTE);
    assert.deepEqual(
      site.events.of('dead-man-not-pinged').map(({ failures }) => failures),
      [1, 2, 3, 4],
    );
    site.deadManFails = false;
    await site.during(watch, 15 * SECOND);
    assert.equal(site.pings.length, 1);
  });
});
