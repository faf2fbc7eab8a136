import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { makeAlerts } from '../../../src/application/alerts/command-alerts.ts';
import { MAX_SILENCES } from '../../../src/domain/alert/delivery.ts';
import { ALERT_RULE_IDS, builtInAlertRules } from '../../../src/domain/alert/rules.ts';
import { PortError } from '../../../src/ports/index.ts';
import { type FakeChannel, MINUTE, makeAlertSite, NOON, SECOND } from './alert-site.ts';

const HOUR = 60 * MINUTE;
const open = () => {
  const site = makeAlertSite();
  const { storage, channels, clock, events } = site;
  const rules = builtInAlertRules();
  const redact = (text: string) => text.replaceAll('s3cret', '[redacted]');
  return { ...site, site, alerts: makeAlerts({ rules, storage, channels: channels, clock, events, redact }) };
};

describe('Listing alerts', () => {
  it('tells what fires first, who knows of it, and what each rule has found', async () => {
    const { site, alerts, channels } = open();
    const [webhook] = channels as [FakeChannel];
    webhook.fails = () => {
      throw new PortError('unavailable', 'it is down', { retryable: true });
    };
    site.finds('queue.worker', { value: 0, found: 'No worker gives a sign of life.' });
    await site.during(site.begin(), 3 * MINUTE);
    site.finds('gateway.silent', { subject: 'telegram', value: 100, found: 'For 100 s: not connected.' });
    site.finds('storage.disk', { value: 0.5, found: '50 GB of 100 GB are free.' });
    await site.during(site.begin(), 30 * SECOND);
    const report = await alerts.list();
    assert.deepEqual(
      report.alerts.map(({ key, state, deliveries }) => [key, state, deliveries.map(({ channel, sent }) => `${channel} ${sent}`)]),
      [
        ['queue.worker', 'firing', ['email firing', 'webhook undefined']],
        ['gateway.silent:telegram', 'pending', []],
      ],
    );
    assert.equal(report.alerts[0]?.deliveries[1]?.lastError, 'it is down');
    assert.equal(report.alerts[1]?.pendingSince, NOON + 3 * MINUTE + 15 * SECOND);
    const rules = Object.fromEntries(report.rules.map(({ id, state, found }) => [id, [state, ...found]]));
    assert.deepEqual(Object.keys(rules), ALERT_RULE_IDS);
    assert.deepEqual(rules['queue.worker'], ['firing', 'No worker gives a sign of life.']);
    assert.deepEqual(rules['gateway.silent']?.[0], 'pending');
    assert.deepEqual(rules['storage.disk'], ['well', '50 GB of 100 GB are free.']);
    assert.deepEqual(rules['service.errors'], ['unknown', 'nothing']);
    assert.deepEqual([report.isStale, report.channels], [false, ['webhook', 'email']]);
  });

  it('shows the worst of many that a rule has read, and takes the key of any of them for a silence', async () => {
    const { site, alerts } = open();
    const budgets = Array.from({ length: 12 }, (_, at) => ({ subject: `budget.${at}`, value: at / 20, found: `${5 * at} %` }));
    site.finds('budget.used', ...budgets, { subject: 'budget.x', found: 'not known' });
    await site.begin().look();
    const found = async () => (await alerts.list()).rules.find(({ id }) => id === 'budget.used')?.found;
    assert.deepEqual(await found(), ['budget.11: 55 %', 'budget.10: 50 %', 'budget.9: 45 %']);
    for (const target of ['budget.used:budget.11', 'budget.used:budget.0'])
      assert.equal((await alerts.silence(target, HOUR)).ok, true, target);
    site.finds('storage.disk', { subject: 'full', value: 0.01, found: '1 %' }, { subject: 'free', value: 0.9, found: '90 %' });
    site.finds('budget.used', { subject: 'budget.0', value: 0 });
    site.clock.advance(MINUTE);
    await site.begin().look();
    assert.equal((await alerts.silence('budget.used:budget.7', HOUR)).ok, false, 'all of them are known');
    assert.deepEqual((await alerts.list()).rules.find(({ id }) => id === 'storage.disk')?.found, ['full: 1 %', 'free: 90 %']);
  });

  it('says that nobody has looked yet, or not for long', async () => {
    const { site, alerts, storage } = open();
    assert.deepEqual(await alerts.list().then(({ lookedAt, isStale }) => [lookedAt, isStale]), [undefined, true]);
    await site.begin().look();
    assert.deepEqual(await alerts.list().then(({ lookedAt, isStale }) => [lookedAt, isStale]), [NOON, false]);
    site.clock.advance(4 * MINUTE);
    assert.equal((await alerts.list()).isStale, true);
    for (const broken of ['{', 'null', '7', '{"at":1}', '{"at":"x","readings":{}}']) {
      await storage.state('alerts').set(new Map([['look', broken]]));
      assert.equal((await alerts.list()).lookedAt, undefined, broken);
    }
    await storage
      .state('alerts')
      .set(new Map([['look', '{"at":5,"readings":{"moon":[1],"queue.worker":[null,{"value":"x"},{"found":"y"}]}}']]));
    assert.deepEqual((await alerts.list()).rules.find(({ id }) => id === 'queue.worker')?.found, ['y']);
  });
});

describe('Silencing alerts', () => {
  it('silences a rule or a key for a time, redacts the reason, and can end it', async () => {
    const { alerts, events, site } = open();
    site.finds('gateway.silent', { subject: 'telegram', value: 0, found: 'connected' });
    await site.begin().look();
    const silenced = await alerts.silence('gateway.silent:telegram', HOUR, 'the key s3cret\n  is\u001b changed');
    assert.deepEqual(silenced, {
      ok: true,
      value: { target: 'gateway.silent:telegram', until: NOON + HOUR, reason: 'the key [redacted] is changed' },
    });
    assert.deepEqual((await alerts.list()).silences.length, 1);
    assert.equal((await alerts.endSilence('gateway.silent:telegram')).ok, true);
    const about = { target: 'gateway.silent:telegram', by: 'operator' };
    const reason = 'the key [redacted] is changed';
    assert.deepEqual(events.of('alert-silenced'), [{ type: 'alert-silenced', ...about, until: NOON + HOUR, reason }]);
    assert.deepEqual(events.of('alert-silence-ended'), [{ type: 'alert-silence-ended', ...about }]);
    assert.deepEqual((await alerts.list()).silences, []);
    const again = await alerts.endSilence('gateway.silent:telegram');
    assert.equal(!again.ok && again.error.code, 'alert/not-silenced');
  });

  it('tells the audit log of a silence and of its end, and of none that was refused', async () => {
    const { alerts, clock, storage } = open();
    await alerts.silence('moon', HOUR);
    await alerts.endSilence('queue.worker');
    await alerts.silence('queue.worker', HOUR, 'the machine moves');
    clock.advance(MINUTE);
    await alerts.endSilence('queue.worker');
    await storage.stores.audit.seal(10);
    const facts = (await storage.stores.audit.read({ limit: 10 })).map(({ at, kind, actor, facts }) => ({ at, kind, actor, facts }));
    const row = { kind: 'operator', actor: 'operator' };
    assert.deepEqual(facts, [
      { ...row, at: NOON, facts: { command: 'silence-alert', target: 'queue.worker', until: NOON + HOUR } },
      { ...row, at: NOON + MINUTE, facts: { command: 'end-alert-silence', target: 'queue.worker' } },
    ]);
  });

  it('refuses a key that no alert has, had, or could have by the last look, with the nearest', async () => {
    const { alerts, site } = open();
    const said = async (target: string): Promise<string> => {
      const silenced = await alerts.silence(target, HOUR);
      return silenced.ok ? 'silenced' : `${silenced.error.code}: ${silenced.error.message}`;
    };
    const all = 'gateway.silent alone silences the whole rule';
    const unknown = 'alert/unknown: no alert has the key';
    assert.equal(await said('gateway.silent:telegram'), `${unknown} gateway.silent:telegram: gateway.silent has had none. ${all}`);
    site.finds('gateway.silent', { subject: 'telegram', value: 0, found: 'connected' });
    await site.begin().look();
    assert.equal(await said('gateway.silent:telegram'), 'silenced');
    assert.equal(
      await said('gateway.silent:telegramm'),
      `${unknown} gateway.silent:telegramm: did you mean gateway.silent:telegram? ${all}`,
    );
    assert.equal(
      await said('gateway.silent:\u001b[2J'),
      `${unknown} gateway.silent: [2J: gateway.silent has gateway.silent:telegram. ${all}`,
    );
    assert.match(await said('queue.worker:vm'), /^alert\/unknown: .* queue\.worker has had none\. queue\.worker alone/);
    assert.match(await said('gateway.silent:'), /^alert\/unknown: /);
  });

  it('refuses what no rule is called, too long a time, and too many', async () => {
    const { alerts, storage } = open();
    const refused = async (target: string, ms: number) => {
      const { error } = (await alerts.silence(target, ms)) as { error: { code: string; message: string } };
      return `${error.code}: ${error.message}`;
    };
    assert.equal(await refused('queue.workers', HOUR), 'alert/unknown: no rule is called queue.workers: did you mean queue.worker?');
    assert.match(await refused('moon', HOUR), /^alert\/unknown: no rule is called moon: the rules are service\.errors, /);
    for (const ms of [0, -1, Number.NaN, 31 * 24 * HOUR]) assert.match(await refused('queue.worker', ms), /^alert\/silence-too-long/);
    for (let n = 0; n < MAX_SILENCES; n++) await storage.stores.alerts.putSilence({ target: `gateway.silent:${n}`, until: NOON + HOUR });
    assert.match(await refused('queue.worker', HOUR), /^alert\/too-many-silences/);
    assert.equal((await alerts.silence('gateway.silent:7', 2 * HOUR)).ok, true, 'it may be made longer');
  });
});

describe('Testing channels', () => {
  it('tells each of an alert and of its end, and which does not take it', async () => {
    const { alerts, channels } = open();
    const [, email] = channels as [FakeChannel, FakeChannel];
    email.fails = () => {
      throw new PortError('unauthorised', 'wrong key s3cret', { retryable: false });
    };
    assert.deepEqual(await alerts.test(), {
      ok: true,
      value: [{ channel: 'webhook' }, { channel: 'email', reason: 'wrong key [redacted]' }],
    });
    assert.deepEqual(channels[0]?.sent, ['12:00:00 firing alert.test', '12:00:00 resolved alert.test']);
    assert.equal(channels[0]?.alerts[0]?.severity, 'info');
  });

  it('does not wait longer than 20 s for one', async () => {
    const { alerts, channels, clock } = open();
    const [webhook] = channels as [FakeChannel];
    webhook.fails = () => new Promise(() => undefined);
    const tested = alerts.test('webhook');
    await clock.untilTimer();
    clock.advance(20 * SECOND);
    assert.deepEqual(await tested, { ok: true, value: [{ channel: 'webhook', reason: 'no answer within 20 s' }] });
  });

  it('tests all of one service, or one of them', async () => {
    const { site, storage, clock, events } = open();
    const channels = ['email', 'email-2', 'webhook'].map((name) => site.makeChannel(name));
    const alerts = makeAlerts({ rules: builtInAlertRules(), storage, channels, clock, events, redact: (text) => text });
    const tested = async (name: string) => {
      const result = await alerts.test(name);
      return result.ok ? result.value.map(({ channel }) => channel) : result.error.code;
    };
    assert.deepEqual(await tested('email'), ['email', 'email-2']);
    assert.deepEqual(await tested('email-2'), ['email-2']);
    assert.equal(await tested('email-3'), 'alert/no-channel');
  });

  it('refuses a channel that is not configured, naming those that are', async () => {
    const { alerts } = open();
    const refused = await alerts.test('pigeon');
    assert.deepEqual(!refused.ok && refused.error, {
      code: 'alert/no-channel',
      message: 'no channel is called pigeon: there are: webhook, email',
    });
  });
});
