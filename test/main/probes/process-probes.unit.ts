import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeRunProbes } from '../../../src/application/index.ts';
import { type ProcessWork, promiseId, type RegisteredProcess } from '../../../src/domain/index.ts';
import { leaderOfRegister, processProbes } from '../../../src/main/probes/process-probes.ts';
import { PortError, type Storage } from '../../../src/ports/index.ts';
import { buildProcess, buildPromise, buildRecord, makeFixedClock, promiseAfter, START } from '../../../src/testing/index.ts';
import { configOf } from '../../support/site-config.ts';

const IDLE: ProcessWork = { phase: 'running', promises: [], promiseCount: 0, answering: 0 };

/** A machine without processes, whose database others use, too. */
const stage = async (entries: readonly Partial<RegisteredProcess>[], { waits = false, isAway = false, leasedUntil = 0 } = {}) => {
  const storage = makeMemoryStorage();
  const clock = makeFixedClock();
  for (const [at, entry] of entries.entries()) await storage.stores.processes.beat(buildProcess(`p${at}`, { host: `m${at}`, ...entry }));
  if (waits) {
    await storage.stores.promises.add([buildPromise()]);
    await storage.stores.messages.add(buildRecord());
  }
  if (leasedUntil > 0) {
    const lease = { type: 'start', at: START - 1_000, workerId: 'older', leaseMs: leasedUntil - START + 1_000 } as const;
    await storage.stores.promises.add([promiseAfter(buildPromise({ id: promiseId(2), dueAt: START - 2_000 }), lease)]);
  }
  const open = async (): Promise<Storage> => {
    if (isAway) throw new PortError('unavailable', 'the database is away', { retryable: true });
    return storage;
  };
  const config = configOf({ KEPT_DATA_DIR: '/nowhere/kept', DATABASE_URL: 'postgres://kept@127.0.0.1:1/kept' }, '/nowhere');
  const probes = [...processProbes(config, open, clock), leaderOfRegister(open, clock)];
  const readings = await makeRunProbes({ clock })(probes);
  return Object.fromEntries(readings.map(({ check: { id, status, message } }) => [id, `${status}: ${message}`]));
};

const BOT = { role: 'bot' };
const SILENT = { heartbeatAt: START - 61_000 };

describe('Probes of processes on a database that other machines use', () => {
  it('know the bots and workers of other machines, and who leads', async () => {
    const leading = { ...BOT, work: { ...IDLE, standing: 'leads' } as const };
    expect(await stage([leading, {}, { ...SILENT }], { waits: true })).to.deep.equal({
      'process.running': 'ok: none on this machine; bot on m0 (PID 4711)',
      'queue.worker': 'ok: worker on m1 (PID 4711)',
      'process.leader': 'ok: p0 leads',
    });
  });

  it('warn where something waits, and nobody lives on any machine', async () => {
    const found = await stage([{ ...BOT, ...SILENT }, SILENT], { waits: true });
    expect(found['process.running']).to.match(/^warn: none; messages wait, and no bot is running: /);
    expect(found['queue.worker']).to.match(/^warn: promises wait, and no worker is running: /);
    expect(found).not.to.have.property('process.leader');
    expect(await stage([])).to.deep.equal({
      'process.running': 'ok: none',
      'queue.worker': 'ok: none runs, and no promise waits',
    });
  });

  it('warn of bots of which none leads, and name a leader that is not in the register', async () => {
    expect((await stage([BOT]))['process.leader']).to.equal('warn: bots run, and none of them leads');
    const standsBy = { ...BOT, work: { ...IDLE, standing: 'stands-by', leader: 'older/1/x' } as const };
    expect((await stage([standsBy]))['process.leader']).to.equal('ok: older/1/x leads');
  });

  it('know of a worker of an older version by the lease that it holds', async () => {
    const leasedUntil = START;
    expect((await stage([], { waits: true, leasedUntil }))['queue.worker']).to.equal(
      'ok: a worker that is not in the register keeps promises: it is of an older version',
    );
    expect((await stage([], { waits: true, leasedUntil: START - 1 }))['queue.worker']).to.match(/^warn: promises wait/);
  });

  it('say that others may run where the register can not be read, and leave the reason to the probe of the database', async () => {
    expect(await stage([], { isAway: true })).to.deep.equal({
      'process.running': 'ok: none on this machine; others may run elsewhere',
      'queue.worker': 'ok: none on this machine; others may run elsewhere',
      'process.leader': "skipped: not looked at: the register can't be read; see storage.database",
    });
  });
});
