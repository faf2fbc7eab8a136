import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { builtInAlertRules } from '../../../src/domain/alert/rules.ts';
import type { AlertReading } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { type FakeChannel, MINUTE, makeAlertSite, NOON, SECOND } from './alert-site.ts';

const bad: AlertReading = { value: 0, found: 'No worker gives a sign of life.' };
const well: AlertReading = { value: 2 };
const KEY = 'queue.worker';
const silent: AlertReading = { subject: 'telegram', value: 600, found: 'For 10 min: not connected.' };
const reachable: AlertReading = { subject: 'telegram', value: 0 };

const unavailable = (): never => {
  throw new PortError('unavailable', 'it is down at https://hooks.example/s3cret', { retryable: true });
};

/** The site of a failure of ten minutes: no worker, with everything else as it may be. */
const failure = async (site: ReturnType<typeof makeAlertSite>, watches: readonly { look(): Promise<void> }[]): Promise<void> => {
  site.finds(KEY, well);
  const [first, second, third] = watches as [{ look(): Promise<void> }, { look(): Promise<void> }, { look(): Promise<void> }];
  await site.during(first, 5 * MINUTE);
  site.finds(KEY, bad);
  await site.during(first, 3 * MINUTE);
  await site.during(second, 4 * MINUTE);
  await site.during(third, 3 * MINUTE);
  site.finds(KEY, well);
  await site.during(third, 10 * MINUTE);
};

describe('The watch over alerts', () => {
  it('tells each channel of one alert and of one end, for a failure of ten minutes', async () => {
    const site = makeAlertSite();
    const watch = site.begin();
    await failure(site, [watch, watch, watch]);
    for (const { sent } of site.channels) assert.deepEqual(sent, ['12:07:15 firing queue.worker', '12:17:15 resolved queue.worker']);
    const [alert, end] = site.channels[0]?.alerts ?? [];
    assert.deepEqual(alert, {
      status: 'firing',
      key: KEY,
      title: 'No worker is running',
      detail: 'No worker gives a sign of life. Threshold: below 1. `kept worker` starts one.',
      severity: 'critical',
      startedAt: NOON + 5 * MINUTE + 15 * SECOND,
    });
    assert.deepEqual(end, { ...alert, status: 'resolved', resolvedAt: NOON + 15 * MINUTE + 15 * SECOND });
    assert.deepEqual(
      site.events.of('alert-fired').map(({ key, channels }) => [key, channels]),
      [[KEY, ['email', 'webhook']]],
    );
    assert.deepEqual(
      site.events.of('alert-resolved').map(({ firingMs }) => firingMs),
      [10 * MINUTE],
    );
    assert.equal(site.events.of('alert-delivered').length, 4);
  });

  it('tells the same through two restarts and a take-over', async () => {
    const site = makeAlertSite();
    await failure(site, [site.begin(), site.begin(), site.begin()]);
    for (const { sent } of site.channels) assert.deepEqual(sent, ['12:07:15 firing queue.worker', '12:17:15 resolved queue.worker']);
  });

  it('counts what was bad before a restart to what is bad after it', async () => {
    const site = makeAlertSite();
    site.finds(KEY, bad);
    await site.during(site.begin(), MINUTE);
    await site.during(site.begin(), MINUTE);
    await site.during(site.begin(), MINUTE);
    assert.deepEqual(site.channels[0]?.sent, ['12:02:15 firing queue.worker']);
  });

  it('repeats what a process was telling when it was killed, a minute later and under the same key', async () => {
    const site = makeAlertSite({ channels: ['webhook'] });
    const [channel] = site.channels as [FakeChannel];
    site.finds(KEY, bad);
    // Nothing that a dead process waits for comes.
    const killed = site.begin({ clock: { now: site.clock.now, after: () => () => undefined } });
    channel.fails = () => new Promise(() => undefined);
    while (channel.sends === 0) {
      site.clock.advance(15 * SECOND);
      void killed.look();
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(channel.sends, 1);
    channel.fails = undefined;
    const next = site.begin();
    await site.during(next, 45 * SECOND);
    assert.equal(channel.sends, 1, 'the other may still be at it');
    await site.during(next, 10 * MINUTE);
    assert.equal(channel.sends, 2);
    assert.equal(channel.sent.length, 1);
  });

  it('tells once where two processes believe that they lead', async () => {
    const site = makeAlertSite();
    site.finds(KEY, bad);
    const [one, two] = [site.begin(), site.begin()];
    await site.during({ look: async () => void (await Promise.all([one.look(), two.look()])) }, 5 * MINUTE);
    site.finds(KEY, well);
    await site.during({ look: async () => void (await Promise.all([one.look(), two.look()])) }, 5 * MINUTE);
    for (const { sends } of site.channels) assert.equal(sends, 2);
  });

  it('goes on by the other channels while one fails, and tells that one as soon as it is back', async () => {
    const site = makeAlertSite();
    const [webhook, email] = site.channels as [FakeChannel, FakeChannel];
    webhook.fails = unavailable;
    site.finds(KEY, bad);
    const watch = site.begin();
    await site.during(watch, 5 * MINUTE);
    assert.equal(email.sent.length, 1);
    assert.equal(webhook.sent.length, 0);
    assert.ok(webhook.sends > 2 && webhook.sends < 10, `with a growing wait: ${webhook.sends}`);
    assert.ok(site.events.of('alert-not-delivered').every(({ reason }) => reason.includes('[redacted]') && !reason.includes('s3cret')));
    webhook.fails = undefined;
    await site.during(watch, 5 * MINUTE);
    assert.equal(webhook.sent.length, 1);
    assert.equal(email.sent.length, 1);
  });

  it('tells a channel that was away all the while that it is over', async () => {
    const site = makeAlertSite();
    const [webhook] = site.channels as [FakeChannel];
    webhook.fails = unavailable;
    const watch = site.begin();
    await failure(site, [watch, watch, watch]);
    webhook.fails = undefined;
    await site.during(watch, 10 * MINUTE);
    assert.deepEqual(
      webhook.alerts.map(({ status }) => status),
      ['resolved'],
    );
  });

  it('does not wait for a channel that hangs, neither with the others nor with the next look', async () => {
    const site = makeAlertSite();
    const [webhook, email] = site.channels as [FakeChannel, FakeChannel];
    webhook.fails = () => new Promise(() => undefined);
    site.finds(KEY, bad);
    const watch = site.begin();
    watch.start();
    const settled = async (condition: () => boolean): Promise<void> => {
      for (let turn = 0; turn < 2_000 && !condition(); turn++) await new Promise((resolve) => setImmediate(resolve));
      assert.ok(condition());
    };
    for (let turn = 0; turn < 12; turn++) {
      await settled(() => site.clock.timers > 0);
      await new Promise((resolve) => setImmediate(resolve));
      site.clock.advance(15 * SECOND);
    }
    await settled(() => email.sent.length === 1);
    await settled(() => webhook.sends > 0);
    site.clock.advance(MINUTE);
    await settled(() => site.events.of('alert-not-delivered').some(({ reason }) => reason === 'no answer within 20 s'));
    await watch.stop();
    assert.equal(site.clock.timers, 0);
  });

  it('tells what fires together in one message, and each alone where one of them is refused', async () => {
    const site = makeAlertSite({ channels: [] });
    const [mails, picky] = [site.makeChannel('email', { sendsTogether: true }), site.makeChannel('picky', { sendsTogether: true })];
    site.channels.push(mails, picky);
    const send = picky.send.bind(picky);
    Object.assign(picky, {
      send: async (...[alerts, signal]: Parameters<typeof send>) => {
        if (alerts.some(({ key }) => key === KEY)) throw new PortError('invalid-request', 'not this one', { retryable: false });
        await send(alerts, signal);
      },
    });
    site.finds(KEY, bad);
    site.finds('queue.undelivered', { value: 3 });
    await site.during(site.begin(), 10 * MINUTE);
    assert.equal(mails.sends, 1);
    assert.equal(mails.sent.length, 2);
    assert.deepEqual(picky.sent, ['12:02:15 firing queue.undelivered']);
    assert.equal(site.events.of('alert-not-delivered').length, 1, 'what is refused is not tried at every look');
  });

  it('leaves out the channel by the gateway that failed, and says so where there is no other', async () => {
    for (const [names, expected] of [
      [['webhook', 'telegram'], ['webhook']],
      [['telegram'], ['telegram']],
      [[], []],
    ] as const) {
      const site = makeAlertSite({ channels: [] });
      site.channels.push(...names.map((name) => site.makeChannel(name, name === 'telegram' ? { gateway: 'telegram' } : {})));
      site.finds('gateway.silent', silent);
      await site.during(site.begin(), 3 * MINUTE);
      assert.deepEqual(
        site.channels.filter(({ sent }) => sent.length > 0).map(({ name }) => name),
        expected,
      );
      const reasons = site.events.of('alert-without-channel').map(({ reason }) => reason);
      assert.deepEqual(reasons, names.length === 2 ? [] : names.length === 1 ? ['only-by-itself'] : ['no-channel']);
    }
  });

  it('tells the channels beside Telegram of its failure and its end, and Telegram of neither', async () => {
    const site = makeAlertSite({ channels: [] });
    site.channels.push(site.makeChannel('webhook'), site.makeChannel('pagerduty'), site.makeChannel('telegram', { gateway: 'telegram' }));
    const [webhook, pagerduty, telegram] = site.channels as [FakeChannel, FakeChannel, FakeChannel];
    telegram.fails = unavailable;
    site.finds('gateway.silent', silent);
    await site.during(site.begin(), 10 * MINUTE);
    telegram.fails = undefined;
    site.finds('gateway.silent', reachable);
    await site.during(site.begin(), 5 * MINUTE);
    for (const { alerts } of [webhook, pagerduty])
      assert.deepEqual(
        alerts.map(({ status }) => status),
        ['firing', 'resolved'],
      );
    assert.equal(telegram.sends, 0);
  });

  it('holds back what is silenced until the silence ends, and says then that it ended', async () => {
    const site = makeAlertSite();
    const { alerts } = site.storage.stores;
    await alerts.putSilence({ target: KEY, until: NOON + 30 * MINUTE });
    site.finds(KEY, bad);
    const watch = site.begin();
    await site.during(watch, 20 * MINUTE);
    assert.deepEqual(site.channels[0]?.sent, []);
    await site.during(watch, 15 * MINUTE);
    assert.deepEqual(site.channels[0]?.sent, ['12:30:00 firing queue.worker']);
    assert.deepEqual(
      site.events.of('alert-silence-ended').map(({ target, by }) => [target, by]),
      [[KEY, 'time']],
    );
    assert.deepEqual(await alerts.silences(), []);
  });

  it('comes back to a channel that wants to hear again, as long as the alert fires', async () => {
    const site = makeAlertSite({ channels: [] });
    const channel = site.makeChannel('alertmanager', { refreshMs: 2 * MINUTE });
    site.channels.push(channel);
    site.finds(KEY, bad);
    const watch = site.begin();
    await site.during(watch, 12.25 * MINUTE);
    assert.equal(channel.sent.length, 6);
    assert.equal(site.events.of('alert-delivered').length, 1);
    site.finds(KEY, well);
    await site.during(watch, 10 * MINUTE);
    assert.equal(channel.sent.filter((line) => line.includes('resolved')).length, 1);
  });

  it('takes a rule that can not be read for unknown, and says so once for each reason', async () => {
    const site = makeAlertSite();
    site.asks(KEY, unavailable);
    site.finds('queue.undelivered', { value: 3 });
    const watch = site.begin();
    await site.during(watch, 5 * MINUTE);
    assert.deepEqual(
      site.events.of('alert-rule-unread').map(({ rule, reason }) => [rule, reason.includes('s3cret')]),
      [[KEY, false]],
    );
    assert.deepEqual(site.channels[0]?.sent, ['12:02:15 firing queue.undelivered']);
  });

  it('asks no rule that is off', async () => {
    const rules = builtInAlertRules();
    const site = makeAlertSite({ rules: { [KEY]: { ...rules[KEY], severity: 'off' } } });
    let asked = 0;
    site.asks(KEY, () => {
      asked++;
      return [bad];
    });
    await site.during(site.begin(), 5 * MINUTE);
    assert.equal(asked, 0);
  });

  it('commits at most once a minute while all is well', async () => {
    const storage = makeMemoryStorage();
    let commits = 0;
    storage.changes.subscribe(() => void commits++);
    const site = makeAlertSite({ storage });
    site.finds(KEY, well);
    await site.during(site.begin(), 60 * MINUTE);
    assert.ok(commits <= 61, `${commits} commits in an hour`);
  });
});
