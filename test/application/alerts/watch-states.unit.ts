import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeAlerts } from '../../../src/application/alerts/command-alerts.ts';
import { builtInAlertRules } from '../../../src/domain/alert/rules.ts';
import { PortError, type Storage } from '../../../src/ports/index.ts';
import { type FakeChannel, MINUTE, makeAlertSite, NOON, SECOND } from './alert-site.ts';

const KEY = 'queue.worker';
const bad = { value: 0, found: 'No worker gives a sign of life.' };
const well = { value: 2 };
const unavailable = (): never => {
  throw new PortError('unavailable', 'it is down', { retryable: true });
};
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const DOWN = [{ gateway: 'telegram', status: 'fail', message: 'not connected' }] as const;

describe('What the watch over alerts leaves to the next', () => {
  it('is a delivery that was cut short by a stop, at once', async () => {
    const site = makeAlertSite({ channels: ['webhook'] });
    const [channel] = site.channels as [FakeChannel];
    const began = Promise.withResolvers<void>();
    Object.assign(channel, {
      send: (_: unknown, signal: AbortSignal) => {
        began.resolve();
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    site.finds(KEY, bad);
    const first = site.begin();
    await site.during(first, 2 * MINUTE);
    site.clock.advance(15 * SECOND);
    const looked = first.look();
    await began.promise;
    await first.stop();
    await looked;
    assert.deepEqual(site.events.of('alert-not-delivered'), []);
    site.channels.splice(0, 1, site.makeChannel('webhook'));
    await site.begin().look();
    assert.equal(site.channels[0]?.sent.length, 1);
  });

  it('is left at once by a process that stops, also where a channel takes no notice', async () => {
    const site = makeAlertSite({ channels: ['webhook'] });
    const [channel] = site.channels as [FakeChannel];
    const began = Promise.withResolvers<void>();
    Object.assign(channel, {
      send: () => {
        began.resolve();
        return new Promise(() => undefined);
      },
    });
    site.finds(KEY, bad);
    const watch = site.begin();
    await site.during(watch, 2 * MINUTE);
    site.clock.advance(15 * SECOND);
    void watch.look();
    await began.promise;
    await watch.stop();
    assert.equal(site.clock.timers, 0);
  });

  it('is what was seen of a gateway, as soon as that changes', async () => {
    const site = makeAlertSite({ realReaders: ['gateway.silent'] });
    const first = site.begin();
    await site.during(first, 30 * SECOND);
    site.gatewaysAre(DOWN);
    // Less than a minute after the last note.
    await site.during(first, 15 * SECOND);
    site.clock.advance(30 * SECOND);
    await site.during(site.begin(), 15 * SECOND);
    const stored = JSON.parse((await site.storage.state('alerts').get('memory')) ?? '{}') as { readonly silentSince: object };
    assert.deepEqual(stored.silentSince, { telegram: NOON + 45 * SECOND });
  });

  it('is that nobody could be answered while the storage failed', async () => {
    const site = makeAlertSite();
    const storage = makeMemoryStorage();
    let isBroken = false;
    const records = async () => (isBroken ? unavailable() : storage.stores.alerts.records());
    const shaky: Storage = { ...storage, stores: { ...storage.stores, alerts: { ...storage.stores.alerts, records } } };
    const watch = site.begin({ storage: shaky });
    await site.during(watch, 5 * MINUTE);
    isBroken = true;
    await site.during(watch, 5 * MINUTE);
    isBroken = false;
    await site.during(watch, 5 * MINUTE);
    const stored = JSON.parse((await storage.state('alerts').get('memory')) ?? '{}') as { readonly spans: readonly { up: boolean }[] };
    assert.deepEqual(
      stored.spans.map(({ up }) => up),
      [true, false, true],
    );
    assert.deepEqual(
      site.events.of('poll-recovered').map(({ loop, failures }) => `${loop} ${failures}`),
      ['alerts 20'],
    );
  });
});

describe('What the watch over alerts claims to send', () => {
  /** That many alerts fire, and are being sent by a channel that never ends. */
  const sending = async (count: number, sendsTogether: boolean) => {
    const site = makeAlertSite({ channels: [] });
    const channel = site.makeChannel('webhook', { sendsTogether });
    site.channels.push(channel);
    channel.fails = () => new Promise(() => undefined);
    site.finds('gateway.silent', ...Array.from({ length: count }, (_, at) => ({ subject: `g${at}`, value: 600 })));
    const watch = site.begin();
    await site.during(watch, MINUTE);
    site.clock.advance(15 * SECOND);
    void watch.look();
    await turns(50);
    return { site, channel, watch, deliveries: () => site.storage.stores.alerts.deliveries() };
  };

  it('is claimed for as long as sending it may take, with what is refused together sent again alone', async () => {
    for (const [count, sendsTogether, sends, seconds] of [
      [1, false, 1, 60],
      [20, false, 5, 120],
      [1, true, 1, 60],
      [20, true, 1, 140],
    ] as const) {
      const { site, channel, deliveries } = await sending(count, sendsTogether);
      assert.equal(channel.sends, sends);
      const waits = (await deliveries()).map(({ dueAt = 0 }) => (dueAt - site.clock.now()) / SECOND);
      assert.deepEqual(waits, Array(count).fill(seconds), `${count} ${sendsTogether}`);
    }
  });

  it('is repeated by the next process after a kill, but for those that were taken', async () => {
    const site = makeAlertSite({ channels: ['webhook'] });
    const [channel] = site.channels as [FakeChannel];
    const send = channel.send.bind(channel);
    let isStuck = true;
    Object.assign(channel, {
      send: (...[alerts, signal]: Parameters<typeof send>) =>
        isStuck && alerts[0]?.key === KEY ? new Promise<void>(() => undefined) : send(alerts, signal),
    });
    site.finds(KEY, bad);
    site.finds('queue.undelivered', { value: 3 });
    site.finds('storage.disk', { value: 0.01 });
    const killed = site.begin({ clock: { now: site.clock.now, after: () => () => undefined } });
    for (let look = 0; look < 10; look++) {
      site.clock.advance(15 * SECOND);
      void killed.look();
      await turns(50);
    }
    const taken = ['queue.undelivered', 'storage.disk'];
    assert.deepEqual(channel.alerts.map(({ key }) => key).toSorted(), taken);
    isStuck = false;
    await site.during(site.begin(), 10 * MINUTE);
    assert.deepEqual(channel.alerts.map(({ key }) => key).toSorted(), [...taken, KEY].toSorted());
  });

  it('is left to the next process where this one stops, and none of it is begun any more', async () => {
    const { site, channel, watch, deliveries } = await sending(20, false);
    await watch.stop();
    assert.equal(channel.sends, 5);
    assert.deepEqual(
      (await deliveries()).map(({ dueAt, failures }) => [dueAt, failures]),
      Array(20).fill([site.clock.now(), 0]),
    );
    assert.deepEqual(site.events.of('alert-not-delivered'), []);
    assert.equal(site.clock.timers, 0);
  });
});

describe('What the watch over alerts does at each look', () => {
  it('sends no further alert of what was silenced while a channel failed', async () => {
    const site = makeAlertSite({ channels: ['webhook'] });
    const [channel] = site.channels as [FakeChannel];
    channel.fails = unavailable;
    site.finds(KEY, bad);
    const watch = site.begin();
    await site.during(watch, 5 * MINUTE);
    const before = channel.sends;
    await site.storage.stores.alerts.putSilence({ target: KEY, until: NOON + 30 * MINUTE });
    await site.during(watch, 20 * MINUTE);
    assert.equal(channel.sends, before);
    channel.fails = undefined;
    await site.during(watch, 10 * MINUTE);
    assert.equal(channel.sent.length, 1);
  });

  it('tells the next time also where the one before was being told until then', async () => {
    const rules = builtInAlertRules();
    const site = makeAlertSite({ channels: ['webhook'], rules: { [KEY]: { ...rules[KEY], forMs: 0, cooldownMs: 0 } } });
    const [channel] = site.channels as [FakeChannel];
    const held = Promise.withResolvers<void>();
    channel.fails = () => held.promise;
    const watch = site.begin();
    const looks: Promise<void>[] = [];
    for (const found of [bad, well, bad]) {
      site.finds(KEY, found);
      site.clock.advance(5 * SECOND);
      looks.push(watch.look());
      await turns(20);
    }
    held.resolve();
    channel.fails = undefined;
    await Promise.all(looks);
    await site.during(watch, 15 * SECOND);
    assert.deepEqual(
      channel.alerts.map(({ status, startedAt }) => `${status} ${(startedAt - NOON) / SECOND}`),
      ['firing 5', 'firing 15'],
    );
  });

  it('opens no transaction while nothing changes', async () => {
    const storage = makeMemoryStorage();
    let runs = 0;
    const counting: Storage = {
      ...storage,
      unitOfWork: {
        run: (work) => {
          runs++;
          return storage.unitOfWork.run(work);
        },
      },
    };
    const site = makeAlertSite();
    site.finds(KEY, bad);
    const watch = site.begin({ storage: counting });
    await site.during(watch, 5 * MINUTE);
    assert.ok(runs > 0);
    runs = 0;
    await site.during(watch, 30 * MINUTE);
    assert.equal(runs, 0);
  });

  it('holds the alerts in each transaction before it reads them', async () => {
    const storage = makeMemoryStorage();
    const begins: (readonly string[])[] = [];
    const recording: Storage = {
      ...storage,
      unitOfWork: {
        run: (work) =>
          storage.unitOfWork.run((stores) => {
            const calls: string[] = [];
            begins.push(calls);
            const alerts = new Proxy(stores.alerts, {
              get: (target, name: keyof typeof stores.alerts) => {
                calls.push(name);
                return target[name];
              },
            });
            return work({ ...stores, alerts });
          }),
      },
    };
    const site = makeAlertSite();
    site.finds(KEY, bad);
    await site.during(site.begin({ storage: recording }), 5 * MINUTE);
    const { clock, events, channels } = site;
    const alerts = makeAlerts({
      rules: builtInAlertRules(),
      storage: recording,
      channels: channels,
      clock,
      events,
      redact: (text) => text,
    });
    await alerts.silence(KEY, MINUTE);
    await alerts.endSilence(KEY);
    // A look that changes something, a claim, its end, a silence and its end.
    assert.ok(begins.length > 5);
    assert.deepEqual(new Set(begins.map(([first]) => first)), new Set(['lock']));
  });

  it('reads what changes slowly once a minute, and the rest each time', async () => {
    const site = makeAlertSite();
    const asked = { slow: 0, fast: 0 };
    site.asks('service.errors', () => {
      asked.slow++;
      return [{ value: 0 }];
    });
    site.asks(KEY, () => {
      asked.fast++;
      return [well];
    });
    await site.during(site.begin(), 5 * MINUTE);
    assert.deepEqual(asked, { slow: 5, fast: 20 });
  });
});
