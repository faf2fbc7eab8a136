import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import {
  makeAlertmanagerChannel,
  makeEmailChannels,
  makePagerDutyChannel,
  makeWebhookChannel,
} from '../../../src/adapters/alerts/index.ts';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import type { AlertChannel, Storage } from '../../../src/ports/index.ts';
import { openAlertmanagerStandIn } from '../../fakes/alerts/alertmanager.ts';
import { openPagerDuty, ROUTING_KEY } from '../../fakes/alerts/pagerduty.ts';
import { openMailServer } from '../../fakes/alerts/smtp.ts';
import { openWebhook } from '../../fakes/alerts/webhook.ts';
import { openAlertmanager, whyNoAlertmanager } from '../../support/alertmanager.ts';
import { withPostgres } from '../../support/postgres-storage.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';
import { MINUTE, makeAlertSite } from './alert-site.ts';

const KEY = 'gateway.silent';
const DOWN = [{ gateway: 'telegram', status: 'fail', message: 'not connected' }] as const;
const UP = [{ gateway: 'telegram', status: 'ok', message: 'connected' }] as const;

/** Runs `work` in a process of its own on the one database: what it does not store is lost. */
type InProcess = (work: (storage: Storage) => Promise<void>) => Promise<void>;

type Site = ReturnType<typeof makeAlertSite>;

/**
 * Ten minutes without Telegram, with two restarts, and a standby that takes over before the other has noticed.
 * `channels`: instead of the channels of the site. `whileDown` is called in the middle of it.
 */
const outage = async (
  site: Site,
  inProcess: InProcess,
  { channels, whileDown }: { readonly channels?: readonly AlertChannel[]; readonly whileDown?: () => Promise<void> } = {},
): Promise<void> => {
  const parts = channels ? { channels } : {};
  const look = (ms: number) => inProcess((storage) => site.during(site.begin({ storage, ...parts }), ms));
  site.gatewaysAre(UP);
  await look(2 * MINUTE);
  site.gatewaysAre(DOWN);
  await inProcess(async (one) => {
    const before = site.begin({ storage: one, ...parts });
    await site.during(before, 1.5 * MINUTE);
    await inProcess(async (other) => {
      const after = site.begin({ storage: other, ...parts });
      await site.during({ look: async () => void (await Promise.all([before.look(), after.look()])) }, 1.5 * MINUTE);
    });
  });
  await look(3 * MINUTE);
  await look(4 * MINUTE);
  await whileDown?.();
  site.gatewaysAre(UP);
  await look(5 * MINUTE);
  assert.deepEqual(site.events.of('poll-failed'), []);
};

const tenMinutes = async (inProcess: InProcess): Promise<void> => {
  const site = makeAlertSite({ channels: ['webhook', 'pagerduty', 'email'], realReaders: [KEY] });
  const telegram = site.makeChannel('telegram', { gateway: 'telegram' });
  site.channels.push(telegram);
  telegram.fails = () => Promise.reject(new Error('not connected'));
  await outage(site, inProcess, {
    whileDown: async () => {
      telegram.fails = undefined;
    },
  });
  for (const { name, alerts } of site.channels)
    assert.deepEqual(
      alerts.map(({ status, key }) => `${status} ${key}`),
      name === 'telegram' ? [] : ['firing gateway.silent:telegram', 'resolved gateway.silent:telegram'],
      name,
    );
  const [, end] = site.channels[0]?.alerts ?? [];
  assert.ok(end?.resolvedAt !== undefined);
  // It is bad once it was silent for more than a minute: at the next look.
  assert.equal((end.resolvedAt - end.startedAt) / MINUTE, 8.75);
};

const onSqlite = (use: (inProcess: InProcess) => Promise<void>): Promise<void> =>
  inDirectory((dir) =>
    use(async (work) => {
      const storage = await openStorage(join(dir, 'system.db'));
      try {
        await work(storage);
      } finally {
        await storage.close();
      }
    }),
  );

describe('The watch over alerts tells each channel once of ten minutes without Telegram, through restarts and a take-over', () => {
  it('on SQLite', () => onSqlite(tenMinutes));

  it('on PostgreSQL', function () {
    this.timeout(60_000);
    const { queue } = makeMemoryStorage();
    return withPostgres(
      async (storages) => {
        // Each process has connections of its own.
        const free = [...storages];
        await tenMinutes(async (work) => {
          const storage = free.shift();
          assert.ok(storage);
          await work({ ...storage, queue });
        });
      },
      { count: 6 },
    );
  });
});

const SECRET = 'whsec-0123456789abcdef';

describe('Ten minutes without Telegram reach those who are called by other channels', function () {
  this.timeout(60_000);

  it('once when they begin and once when they end: a signed webhook, PagerDuty, a mail, and Alertmanager', async () => {
    await using webhook = await openWebhook(SECRET);
    await using pagerDuty = await openPagerDuty();
    await using mails = await openMailServer();
    await using alertmanager = await openAlertmanagerStandIn();
    await using real = (await whyNoAlertmanager()) === undefined ? await openAlertmanager() : undefined;
    const site = makeAlertSite({ realReaders: [KEY] });
    const telegram = site.makeChannel('telegram', { gateway: 'telegram' });
    telegram.fails = () => Promise.reject(new Error('not connected'));
    const channels = [
      telegram,
      makeWebhookChannel({ url: `${webhook.url}/hook`, secret: SECRET }),
      makePagerDutyChannel({ routingKey: ROUTING_KEY, url: `${pagerDuty.url}/v2/enqueue` }),
      ...makeEmailChannels({
        smtp: { host: '127.0.0.1', port: mails.port, isSecure: false },
        to: ['ann@example.org', 'ben@example.org'],
        from: 'kept@example.org',
      }),
      makeAlertmanagerChannel({ url: alertmanager.url }),
      ...(real ? [{ ...makeAlertmanagerChannel({ url: real.url }), name: 'the real alertmanager' }] : []),
    ];
    const keys = async (): Promise<readonly (string | undefined)[]> => (await real?.alerts())?.map(({ labels }) => labels.key) ?? [];
    let open: readonly (string | undefined)[] = [];
    await onSqlite((inProcess) =>
      outage(site, inProcess, {
        channels,
        whileDown: async () => {
          open = [...pagerDuty.open(), ...(await keys())];
        },
      }),
    );
    assert.deepEqual(telegram.alerts, [], 'Telegram itself is told nothing');
    assert.deepEqual(open, [`${KEY}:telegram`, ...(real ? [`${KEY}:telegram`] : [])]);
    assert.deepEqual([pagerDuty.opened(), pagerDuty.open(), await keys()], [1, [], []]);
    const posted = webhook.taken().map(({ body }) => JSON.parse(body) as { readonly status: string; readonly key: string });
    assert.deepEqual(
      posted.map(({ status, key }) => `${status} ${key}`),
      [`firing ${KEY}:telegram`, `resolved ${KEY}:telegram`],
    );
    assert.deepEqual(
      mails
        .mails()
        .flatMap(({ to }) => to)
        .toSorted(),
      ['ann@example.org', 'ann@example.org', 'ben@example.org', 'ben@example.org'],
    );
    assert.deepEqual(
      [...alertmanager.known().values()].map((endsAt) => endsAt !== undefined),
      [true],
      'one alert, and it is over',
    );
    assert.deepEqual(
      [webhook, pagerDuty, alertmanager].flatMap((each) => each.problems()),
      [],
    );
    assert.deepEqual(mails.problems(), []);
  });
});
