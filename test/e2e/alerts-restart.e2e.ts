import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readLastLook } from '../../src/application/alerts/last-look.ts';
import { type AlertRecord, alertState } from '../../src/domain/index.ts';
import { buildProcess } from '../../src/testing/index.ts';
import { until } from '../support/chat-api.ts';
import { makeSite, type Site, startKept } from '../support/kept-process.ts';
import { openStorage } from '../support/sqlite-storage.ts';

const MINUTE = 60_000;
const HOST = hostname();
const KEYS = [`process.lost:${HOST}`, `process.restarts:worker on ${HOST}`];

describe('Alerts about processes, when the bot that looks is restarted', function () {
  this.timeout(120_000);
  let site: Site;
  before(async () => {
    site = await makeSite({ KEPT_MODELS: 'rehearsal' });
    writeFileSync(join(site.root, 'alerts.json'), '{"rules": {"process.lost": {"for": "0s"}, "queue.worker": {"for": "0s"}}}');
  });
  after(() => site.remove());

  /** A bot begins, looks once, and is stopped. */
  const looksOnce = async (): Promise<{ readonly unknown: readonly string[]; readonly records: readonly AlertRecord[] }> => {
    const begunAt = Date.now();
    const bot = await startKept(site, 'bot');
    const storage = await openStorage(site.database);
    try {
      const look = await until('the first look', async () => {
        const found = await readLastLook(storage.state('alerts'));
        return found !== undefined && found.at >= begunAt && found;
      });
      const about = (['queue.worker', 'process.lost', 'process.restarts'] as const).flatMap((rule) => look.readings[rule] ?? [{}]);
      const unknown = about.flatMap(({ value, found }) => (value === undefined ? [`${found}`] : []));
      return { unknown, records: await storage.stores.alerts.records() };
    } finally {
      await storage.close();
      await bot.stop();
    }
  };

  it('go on: its first look reads the register, and nothing is over that is not', async () => {
    await mkdir(site.dataDir, { mode: 0o700 });
    const storage = await openStorage(site.database);
    const now = Date.now();
    for (let nth = 1; nth <= 5; nth++) {
      const at = now - (10 - nth) * MINUTE;
      await storage.stores.processes.beat(buildProcess(`worker-${nth}`, { host: HOST, role: 'worker', startedAt: at, heartbeatAt: at }));
    }
    await storage.close();
    const first = await looksOnce();
    const second = await looksOnce();
    assert.deepEqual([first.unknown, second.unknown], [[], []]);
    const fire = (records: readonly AlertRecord[]) =>
      records.flatMap((record) => (alertState(record) === 'firing' ? [[record.key, record.incident?.startedAt]] : [])).sort();
    assert.deepEqual(
      fire(first.records).map(([key]) => key),
      [...KEYS, 'queue.worker'].sort(),
    );
    assert.deepEqual(fire(second.records), fire(first.records));
  });
});
