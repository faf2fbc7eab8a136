import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { Storage } from '../../../src/ports/index.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';
import { MINUTE, makeAlertSite } from './alert-site.ts';

const KEY = 'gateway.silent';
const DOWN = [{ gateway: 'telegram', status: 'fail', message: 'not connected' }] as const;
const UP = [{ gateway: 'telegram', status: 'ok', message: 'connected' }] as const;

describe('The watch over alerts, on a file', () => {
  it('tells each road once of ten minutes without Telegram, through two restarts and a take-over', () =>
    inDirectory(async (dir) => {
      const path = join(dir, 'system.db');
      /** A process of its own on that file: what it does not store is lost. */
      const inProcess = async (work: (storage: Storage) => Promise<void>): Promise<void> => {
        const storage = await openStorage(path);
        try {
          await work(storage);
        } finally {
          await storage.close();
        }
      };
      const site = makeAlertSite({ roads: ['webhook', 'pagerduty', 'email'], realReaders: [KEY] });
      const telegram = site.makeRoad('telegram', { gateway: 'telegram' });
      site.roads.push(telegram);
      telegram.fails = () => Promise.reject(new Error('not connected'));
      const look = (ms: number) => inProcess((storage) => site.during(site.begin({ storage }), ms));
      site.gatewaysAre(UP);
      await look(2 * MINUTE);
      site.gatewaysAre(DOWN);
      await inProcess(async (storage) => {
        const before = site.begin({ storage });
        await site.during(before, 1.5 * MINUTE);
        // The standby takes over, and the one before has not noticed yet.
        const after = site.begin({ storage });
        await site.during({ look: async () => void (await Promise.all([before.look(), after.look()])) }, 1.5 * MINUTE);
      });
      await look(3 * MINUTE);
      await look(4 * MINUTE);
      site.gatewaysAre(UP);
      telegram.fails = undefined;
      await look(10 * MINUTE);
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
    }));
});
