import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { type Diagnosis, isUnwell, makeRunProbes } from '../../../src/application/index.ts';
import { readProcessConfig } from '../../../src/config/index.ts';
import { DOCTOR_CHECK_IDS } from '../../../src/main/doctor/check-list.ts';
import { makeDoctorChecks } from '../../../src/main/doctor/checks.ts';
import { makeFixedClock } from '../../../src/testing/index.ts';
import { until } from '../../support/chat-api.ts';
import { type DoctorSite, openDoctorSite } from '../../support/doctor-site.ts';
import { watchFiles } from '../../support/watched-files.ts';
import { DOCTOR_ROWS } from './doctor-rows.ts';

/** Nothing runs on the site, which is said, and is no fault that a row has made. */
const unwellIn = ({ checks }: Diagnosis): readonly string[] =>
  checks.filter((check) => isUnwell(check) && check.id !== 'process.running').map(({ id }) => id);
const lineOf = ({ checks }: Diagnosis, id: string) => checks.find((check) => check.id === id);

describe('the doctor, on a disk that hangs', function () {
  this.timeout(60_000);
  let site: DoctorSite;
  before(async () => {
    site = await openDoctorSite();
  });
  after(() => site.close());

  it('asks whom each row says: a check that asks nobody makes no call on the data directory, and another makes one', async () => {
    for (const check of makeDoctorChecks({ ...readProcessConfig(site.env, site.dir), now: Date.now, nodeVersion: site.node })) {
      const { stalls } = DOCTOR_ROWS[check.id as keyof typeof DOCTOR_ROWS];
      const calls: string[] = [];
      const end = watchFiles(site.dataDir, ({ name, path, real }) => {
        calls.push(`${name} ${path}`);
        return real();
      });
      await check.probe(new AbortController().signal).finally(end);
      if (stalls === 'asks nobody') assert.deepEqual(calls, [], check.id);
      if (stalls === 'asks the disk') assert.notDeepEqual(calls, [], check.id);
    }
  });

  it('ends within its limit where calls begin to hang after the disk has answered, and blames nothing else', async () => {
    const clock = makeFixedClock();
    const checks = makeDoctorChecks({ ...readProcessConfig(site.env, site.dir), now: Date.now, nodeVersion: site.node });
    const end = watchFiles(site.dataDir, ({ name, real }) => (name.endsWith('Sync') ? real() : new Promise(() => undefined)));
    const hanging = DOCTOR_CHECK_IDS.filter((id) =>
      /^(system\.port|config\.file|storage\.(migrations|settings|backup)|process\.(lock|pid))$/.test(id),
    );
    try {
      const ended = new Set<string>();
      const running = makeRunProbes({ clock })(
        checks.map((check) => ({ ...check, probe: (signal) => check.probe(signal).finally(() => ended.add(check.id)) })),
      );
      await until('the others have ended', async () => DOCTOR_CHECK_IDS.every((id) => ended.has(id) || hanging.includes(id)), 20_000);
      clock.advance(5_000);
      const lines = (await running).map(({ check }) => check);
      assert.deepEqual(
        lines.filter(({ message }) => message === 'no answer within 5 s').map(({ id }) => id),
        hanging,
      );
      const unwell = lines.filter(isUnwell).map(({ id, status }) => [id, status]);
      assert.deepEqual(unwell, [['storage.backup', 'warn']]);
    } finally {
      end();
    }
  });

  for (const [hung, line] of [
    ['data', { id: 'storage.directory', status: 'fail', where: 'KEPT_DATA_DIR' }],
    ['backups', { id: 'storage.backup', status: 'warn' }],
  ] as const)
    it(`tells in one line of a disk that does not answer, and leaves alone what is on it: ${hung}`, async () => {
      const directory = hung === 'data' ? site.dataDir : join(site.dataDir, 'backups');
      const calls: string[] = [];
      const end = watchFiles(directory, ({ name, path }) => {
        calls.push(`${name} ${path}`);
        return new Promise(() => undefined);
      });
      const found = await site.examine({}, { hung }).finally(end);
      assert.deepEqual(calls, []);
      assert.deepEqual(unwellIn(found), [line.id]);
      const told = lineOf(found, line.id);
      assert.equal(told?.status, line.status);
      assert.match(told.message, /its disk does not answer$/);
      assert.match(told.fixHint ?? '', /network drive/);
      const hidden = found.checks.filter(({ message }) => message === 'not looked at: storage.directory says why').map(({ id }) => id);
      if (hung === 'backups') return assert.deepEqual(hidden, []);
      assert.ok(
        ['storage.database', 'process.running', 'queue.worker', 'system.port'].every((id) => hidden.includes(id)),
        hidden.join(),
      );
      // What production asks is asked of production alone.
      for (const id of DOCTOR_CHECK_IDS.filter((one) => DOCTOR_ROWS[one].stalls === 'asks nobody'))
        assert.equal(lineOf(found, id)?.status, id === 'config.production' ? 'skipped' : 'ok', id);
    });
});
