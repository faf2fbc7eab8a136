import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import type { Storage } from '../../../src/ports/index.ts';
import { withPostgres } from '../../support/postgres-storage.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';
import { MINUTE, makeAlertSite } from './alert-site.ts';

const KEY = 'gateway.silent';
const DOWN = [{ gateway: 'telegram', status: 'fail', message: 'not connected' }] as const;
const UP = [{ gateway: 'telegram', status: 'ok', message: 'connected' }] as const;

/** Runs `work` in a process of its own on the one database: what it does not store is lost. */
type InProcess = (work: (storage: Storage) => Promise<void>) => Promise<void>;

/** Ten minutes without Telegram, with two restarts, and a standby that takes over before the other has noticed. */
const tenMinutes = async (inProcess: InProcess): Promise<void> => {
  const site = makeAlertSite({ roads: ['webhook', 'pagerduty', 'email'], realReaders: [KEY] });
  const telegram = site.makeRoad('telegram', { gateway: 'telegram' });
  site.roads.push(telegram);
  telegram.fails = () => Promise.reject(new Error('not connected'));
  const look = (ms: number) => inProcess((storage) => site.during(site.begin({ storage }), ms));
  site.gatewaysAre(UP);
  await look(2 * MINUTE);
  site.gatewaysAre(DOWN);
  await inProcess(async (one) => {
    const before = site.begin({ storage: one });
    await site.during(before, 1.5 * MINUTE);
    await inProcess(async (other) => {
      const after = site.begin({ storage: other });
      await site.during({ look: async () => void (await Promise.all([before.look(), after.look()])) }, 1.5 * MINUTE);
    });
  });
  await look(3 * MINUTE);
  await look(4 * MINUTE);
  site.gatewaysAre(UP);
  telegram.fails = undefined;
  await look(5 * MINUTE);
  for (const { name, alerts } of site.roads)
    assert.deepEqual(
      alerts.map(({ status, key }) => `${status} ${key}`),
      name === 'telegram' ? [] : ['firing gateway.silent:telegram', 'resolved gateway.silent:telegram'],
      name,
    );
  const [, end] = site.roads[0]?.alerts ?? [];
  assert.ok(end?.resolvedAt !== undefined);
  // It is bad once it was silent for more than a minute: at the next look.
  assert.equal((end.resolvedAt - end.startedAt) / MINUTE, 8.75);
  assert.deepEqual(site.events.of('poll-failed'), []);
};

describe('The watch over alerts tells each road once of ten minutes without Telegram, through restarts and a take-over', () => {
  it('on SQLite', () =>
    inDirectory((dir) =>
      tenMinutes(async (work) => {
        const storage = await openStorage(join(dir, 'system.db'));
        try {
          await work(storage);
        } finally {
          await storage.close();
        }
      }),
    ));

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
