import { strict as assert } from 'node:assert';
import { type ProcessWork, promiseId, type RegisteredProcess } from '../domain/index.ts';
import { present } from '../domain/shared/present.ts';
import type { Storage } from '../ports/index.ts';
import { START } from './builders.ts';
import type { Contract } from './contract.ts';

const MINUTE = 60_000;
const IDLE: ProcessWork = { phase: 'running', promises: [], promiseCount: 0, answering: 0 };

type Living = Omit<RegisteredProcess, 'stoppedAt'>;

/** A worker that has just begun. */
export const buildProcess = (id: string, overrides: Partial<Living> = {}): Living => ({
  id,
  role: 'worker',
  host: 'alpha',
  pid: 4_711,
  version: '1.2.3',
  dataDir: '/srv/kept/data',
  startedAt: START,
  heartbeatAt: START,
  work: IDLE,
  ...overrides,
});

const idsOf = (found: readonly RegisteredProcess[]): readonly string[] => found.map(({ id }) => id);
const KEEP_ALL = { before: 0, silentBefore: START - MINUTE, after: START + 1_000 * MINUTE, each: 100, most: 100 };

/** The law of `ProcessRegister`. */
export const processRegisterContract: Contract<Storage> = {
  'gives back what a process said of itself, whatever that is': async ({ stores: { processes } }) => {
    const busy = buildProcess('a', {
      role: 'bot',
      host: 'ünïcödé.example',
      dataDir: '/srv/it\'s a "place" 🙂',
      work: {
        ...IDLE,
        standing: 'stands-by',
        leader: 'alpha/1/b',
        promises: [promiseId(7), promiseId(9)],
        promiseCount: 31,
        answering: 2,
        metrics: { port: 9101, isServed: false },
      },
    });
    await processes.beat(busy);
    assert.deepEqual(await processes.list({ limit: 9 }), [busy]);
  },

  'takes a later sign of life, with what the process is at then': async ({ stores: { processes } }) => {
    const first = buildProcess('a', { work: { ...IDLE, phase: 'starting' } });
    await processes.beat(first);
    const later = { heartbeatAt: START + 15_000, work: { ...IDLE, answering: 3 } };
    await processes.beat({ ...first, ...later, host: 'another', startedAt: START + 1 });
    assert.deepEqual(await processes.list({ limit: 9 }), [{ ...first, ...later }]);
  },

  'follows a clock that was set back': async ({ stores: { processes } }) => {
    await processes.beat(buildProcess('a', { heartbeatAt: START + MINUTE }));
    await processes.beat(buildProcess('a', { heartbeatAt: START - MINUTE }));
    assert.equal((await processes.list({ limit: 9 }))[0]?.heartbeatAt, START - MINUTE);
  },

  'remembers that a process was stopped, whatever comes later': async ({ stores: { processes } }) => {
    const process = buildProcess('a');
    await processes.beat(process);
    await processes.stop('a', START + 1_000);
    await processes.beat({ ...process, heartbeatAt: START + 2_000, work: { ...IDLE, answering: 5 } });
    await processes.stop('a', START + 3_000);
    await processes.stop('nobody', START + 3_000);
    assert.deepEqual(await processes.list({ limit: 9 }), [{ ...process, heartbeatAt: START + 1_000, stoppedAt: START + 1_000 }]);
  },

  'lists the latest sign of life first, and no more than is asked for': async ({ stores: { processes } }) => {
    for (const [id, at] of [
      ['old', 1],
      ['new', 3],
      ['b', 2],
      ['a', 2],
    ] as const)
      await processes.beat(buildProcess(id, { heartbeatAt: START + at }));
    assert.deepEqual(idsOf(await processes.list({ limit: 9 })), ['new', 'b', 'a', 'old']);
    assert.deepEqual(idsOf(await processes.list({ limit: 2 })), ['new', 'b']);
  },

  'forgets what is over for too long, or lies too far ahead': async ({ stores: { processes } }) => {
    for (const [id, minutes, stopped] of [
      ['alive', 0, false],
      ['silent', -5, false],
      ['long silent', -60, false],
      ['stopped', -5, true],
      ['long stopped', -60, true],
      ['ahead', 60, false],
    ] as const) {
      await processes.beat(buildProcess(id, { heartbeatAt: START + minutes * MINUTE }));
      if (stopped) await processes.stop(id, START + minutes * MINUTE);
    }
    const query = { ...KEEP_ALL, before: START - 30 * MINUTE, after: START + 30 * MINUTE };
    assert.equal(await processes.purge(query), 3);
    assert.deepEqual(idsOf(await processes.list({ limit: 9 })).toSorted(), ['alive', 'silent', 'stopped']);
    assert.equal(await processes.purge(query), 0);
  },

  'keeps the latest of those that are over on each machine, and no living one goes': async ({ stores: { processes } }) => {
    const ended = async (id: string, at: number, of: Partial<RegisteredProcess> = {}): Promise<void> => {
      await processes.beat(buildProcess(id, { ...of, heartbeatAt: START - at * MINUTE }));
      await processes.stop(id, START - at * MINUTE);
    };
    for (const at of [2, 3, 4]) await ended(`alpha${at}`, at);
    for (const at of [5, 6]) await ended(`bot${at}`, at, { role: 'bot' });
    for (const at of [7, 8, 9]) await ended(`beta${at}`, at, { host: 'beta' });
    for (const at of [1, 2, 3, 4]) await processes.beat(buildProcess(`living${at}`));
    assert.equal(await processes.purge({ ...KEEP_ALL, each: 2 }), 2);
    const living = ['living4', 'living3', 'living2', 'living1'];
    assert.deepEqual(idsOf(await processes.list({ limit: 99 })), [...living, 'alpha2', 'alpha3', 'bot5', 'bot6', 'beta7', 'beta8']);
    assert.equal(await processes.purge({ ...KEEP_ALL, most: 3 }), 3);
    assert.deepEqual(idsOf(await processes.list({ limit: 99 })), [...living, 'alpha2', 'alpha3', 'bot5']);
  },

  'commits with the rest of its unit of work, or not at all': async ({ stores: { processes }, unitOfWork }) => {
    await processes.beat(buildProcess('kept'));
    const failing = unitOfWork.run(async (unit) => {
      await unit.processes.beat(buildProcess('lost'));
      await unit.processes.stop('kept', START);
      assert.deepEqual(
        (await unit.processes.list({ limit: 9 })).map(({ id, stoppedAt }) => ({ id, ...present({ stoppedAt }) })),
        [{ id: 'lost' }, { id: 'kept', stoppedAt: START }],
      );
      throw new RangeError('it ends here');
    });
    await assert.rejects(failing, RangeError);
    assert.deepEqual(await processes.list({ limit: 9 }), [buildProcess('kept')]);
  },
};
