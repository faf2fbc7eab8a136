import { strict as assert } from 'node:assert';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HealthCheck, isAlertRuleId } from '../../../src/domain/index.ts';
import { PROBES } from '../../../src/main/probes/probe-list.ts';
import { makeStall, openProbeSite, type ProbeSite } from '../../support/probe-site.ts';
import { PROBE_ROWS, type ProbeRow } from './probe-rows.ts';

const isUnwell = ({ status }: HealthCheck): boolean => status === 'warn' || status === 'fail';
const unwellIn = (checks: ReadonlyMap<string, HealthCheck>): readonly string[] => [...checks.values()].filter(isUnwell).map(({ id }) => id);

/** Ids that the code writes whole, as far as they are of probes. */
const idsInCode = async (): Promise<ReadonlySet<string>> => {
  const folders = ['src/main/probes', 'src/application/health', 'src/adapters/probes'];
  const found = new Set<string>();
  for (const folder of folders)
    for (const file of await readdir(folder))
      for (const [, id = ''] of (await readFile(join(folder, file), 'utf8')).matchAll(
        /'((?:storage|queue|process|gateway|model|service|coding|mcp|budget|agent|config)\.[a-z-]+)'/g,
      ))
        found.add(id);
  return found;
};

/** Rows elsewhere: what a process looks at beside the running ones. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'process.bot': 'beside-bot.int.ts',
  'service.notion': 'no workspace has a database, or no key is set: it is told as skipped',
};

/** What stands for those whose last part is a name. */
const documented = (id: string): string => {
  if (id === 'model.rests') return id;
  return id
    .replace(/^model\..*/, 'model.<provider>')
    .replace(/^(budget)\..*/, '$1.<owner>')
    .replace(/^(service\.notion)\..*/, '$1.<workspace>')
    .replace(/^(mcp)\..*/, '$1.<server>')
    .replace(/^(agent)\..*/, '$1.<name>');
};

describe('the probes of a process that has everything', function () {
  this.timeout(60_000);
  let site: ProbeSite;
  before(async () => {
    site = await openProbeSite();
  });
  after(() => site.close());

  it('find nothing wrong where nothing is', async () => {
    const checks = await site.look();
    assert.deepEqual(unwellIn(checks), []);
    assert.equal((await site.storage.stores.ledger.total({})).calls, 3, 'what the agents were asked stands in the ledger');
    assert.deepEqual(
      [...checks.values()].filter(({ status }) => status === 'skipped'),
      [],
    );
  });

  it('each have a row below, and each row a probe', async () => {
    const ids = site.probes().map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'ids are unique');
    assert.deepEqual(ids.toSorted(), PROBE_ROWS.map(({ id }) => id).toSorted());
    const known = new Set([...ids, ...Object.keys(ELSEWHERE)]);
    assert.deepEqual(
      [...(await idsInCode())].filter((id) => !known.has(id) && !isAlertRuleId(id)),
      [],
      'ids that the code names, and no row',
    );
  });

  it('say which of them a process must have to be ready', () =>
    assert.deepEqual(Object.fromEntries(site.probes().flatMap(({ id, unreadyFrom }) => (unreadyFrom ? [[id, unreadyFrom]] : []))), {
      'storage.database': 'fail',
      'storage.disk': 'fail',
      'process.leader': 'warn',
      'gateway.local': 'fail',
      'gateway.telegram': 'fail',
    }));

  it('each stand in the list of the reference, with their limit, and nothing else does', () => {
    const probes = site.probes();
    for (const { id, limitMs } of probes) assert.equal(PROBES[documented(id)]?.limitMs, limitMs, id);
    const known = new Set([...probes.map(({ id }) => documented(id)), 'process.bot']);
    assert.deepEqual(
      Object.keys(PROBES).filter((id) => !known.has(id)),
      [],
    );
  });

  it('each say what they tell where whoever they ask stalls, but for one that reads what the logger has noted', () => {
    assert.deepEqual(
      PROBE_ROWS.flatMap(({ id, stalls }) => (stalls ? [] : [id])),
      ['process.log'],
    );
  });

  it('tell one line where the store can not be opened in time', async () => {
    const { storage } = site.parts;
    const stall = makeStall();
    site.parts.storage = stall.hang;
    try {
      const probes = site
        .probes()
        .filter(({ id }) => /^(storage\.database|queue\.(promises|outbox)|model\.rests|config\.workspaces|budget|agent)/.test(id));
      const running = site.run(probes, { depth: 'deep' });
      await stall.reached;
      // In two steps: whoever waits for the store gives up before the limit.
      site.timers.advance(4_500);
      await new Promise(setImmediate);
      site.timers.advance(500);
      const readings = await running;
      assert.deepEqual(
        readings.flatMap(({ check }) => (isUnwell(check) ? [check.id] : [])),
        ['storage.database'],
      );
    } finally {
      site.parts.storage = storage;
    }
  });

  for (const row of PROBE_ROWS) {
    it(`${row.id} alone turns where that is broken, and says how to mend it`, () => breaks(row));
    if (row.stalls) it(`${row.id} waits no longer than its limit`, () => stalls(row));
  }

  const breaks = async (row: ProbeRow): Promise<void> => {
    const broken = await row.breaks(site);
    const { undo, probes } = typeof broken === 'function' ? { undo: broken, probes: undefined } : broken;
    try {
      const checks = await site.look(probes);
      const found = checks.get(row.id);
      assert.ok(found, `there is a line of ${row.id}`);
      assert.equal(found.status, row.status, found.message);
      assert.match(found.message, row.message);
      if (row.hint) assert.match(found.fixHint ?? '', row.hint);
      assert.deepEqual(unwellIn(checks), row.status === 'ok' ? [] : [row.id], 'exactly that line turns');
    } finally {
      await undo();
    }
    assert.deepEqual(unwellIn(await site.look()), [], 'it is well again once it is mended');
  };

  const stalls = async ({ id, stalls: row }: ProbeRow): Promise<void> => {
    assert.ok(row);
    const stall = makeStall();
    // What a probe does at its making is done before.
    const probe = site.probes().find((one) => one.id === id);
    assert.ok(probe);
    const undo = row.by(site, stall);
    try {
      const running = site.run([probe], { depth: 'deep' });
      await stall.reached;
      let isOver = false;
      void running.then(() => {
        isOver = true;
      });
      site.timers.advance(probe.limitMs);
      const [reading] = await running;
      assert.ok(isOver);
      assert.equal(reading?.check.status, row.status, reading?.check.message);
      assert.ok((reading?.durationMs ?? Number.POSITIVE_INFINITY) <= probe.limitMs);
      if (row.status !== 'skipped') assert.ok(reading?.check.fixHint, `${id} says what to do`);
    } finally {
      await undo();
    }
  };
});
