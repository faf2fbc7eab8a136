import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeRunProbes } from '../../../src/application/index.ts';
import { type ProcessWork, promiseId, type RegisteredProcess } from '../../../src/domain/index.ts';
import { leaderOfRegister, processProbes } from '../../../src/main/probes/process-probes.ts';
import { placeHere } from '../../../src/main/seen-processes.ts';
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
  const parts = { config, storage: open, clock };
  const probes = [...processProbes(parts), leaderOfRegister(parts)];
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
      'queue.worker': 'ok: worker on m1 (PID 4711), version 1.2.3: its last sign of life was 0 s ago',
      'process.leader': 'ok: p0 leads',
    });
  });

  it('warn where something waits, and nobody lives on any machine', async () => {
    const found = await stage([{ ...BOT, ...SILENT }, SILENT], { waits: true });
    expect(found['process.running']).to.match(/^warn: none; no bot is running, and nobody answers$/);
    expect(found['queue.worker']).to.match(/^warn: promises wait, and no worker is running: /);
    expect(found).not.to.have.property('process.leader');
    expect(await stage([])).to.deep.equal({
      'process.running': 'warn: none; no bot is running, and nobody answers',
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

  const PID = 77;
  /** A worker that holds its lock on this machine, as the register knows it. */
  const here = async (entry: Partial<RegisteredProcess> | undefined, { isAway = false, database = '' } = {}) => {
    const storage = makeMemoryStorage();
    const clock = makeFixedClock();
    const config = configOf({ KEPT_DATA_DIR: '/nowhere/kept', ...(database ? { DATABASE_URL: database } : {}) }, '/nowhere');
    if (entry) await storage.stores.processes.beat(buildProcess('mine', { ...placeHere(config), pid: PID, ...entry }));
    const open = async (): Promise<Storage> => {
      if (isAway) throw new PortError('unavailable', 'the database is away', { retryable: true });
      return storage;
    };
    const locks = async () => [{ role: 'worker-1', pid: PID, startedAt: START - 1_000 }];
    const [reading] = await makeRunProbes({ clock })(
      processProbes({ config, storage: open, clock, locks }).filter(({ id }) => id === 'queue.worker'),
    );
    return `${reading?.check.status}: ${reading?.check.message.replaceAll(placeHere(config).host, 'here')}`;
  };

  it('trust the heartbeat of a worker of this machine, and not its lock', async () => {
    const well = 'ok: worker on here (PID 77), version 1.2.3: its last sign of life was 4 s ago';
    expect(await here({ heartbeatAt: START - 4_000 })).to.equal(well);
    const silent =
      'warn: it hangs, or is cut off from the database: worker on here (PID 77), version 1.2.3: its last sign of life was 61 s ago';
    expect(await here({ heartbeatAt: START - 61_000 })).to.equal(silent);
    expect(await here({ heartbeatAt: START - 61_000 }, { database: 'postgres://kept@127.0.0.1:1/kept' })).to.equal(silent);
  });

  it('take a lock for a worker only where there is no register to ask', async () => {
    expect(await here(undefined)).to.equal('ok: PID 77 runs, and is not in the register: it is starting, or of an older version');
    expect(await here({ heartbeatAt: START }, { isAway: true })).to.equal('ok: runs on this machine');
  });
});
