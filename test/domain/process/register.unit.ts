import { expect } from 'chai';
import { isAlive, listedAt, type RegisteredProcess, restartsSince, SILENT_AFTER_MS, type Vitality } from '../../../src/domain/index.ts';
import { buildProcess, START } from '../../../src/testing/index.ts';

const NOW = START + 3_600_000;
const MINUTE = 60_000;
const processOf = (id: string, of: Partial<RegisteredProcess> = {}): RegisteredProcess => {
  const { stoppedAt, ...rest } = of;
  const process = buildProcess(id, { startedAt: NOW - 10 * MINUTE, heartbeatAt: NOW, ...rest });
  return stoppedAt === undefined ? process : { ...process, stoppedAt };
};
const IDLE = { promises: [], promiseCount: 0, answering: 0 };
const SILENT = { heartbeatAt: NOW - SILENT_AFTER_MS - 1 };

describe('A process in the register', () => {
  const ROWS: readonly [is: string, then: Vitality, of: Partial<RegisteredProcess>, others?: readonly Partial<RegisteredProcess>[]][] = [
    ['has just given a sign of life', 'alive', {}],
    ['gave one as long ago as it may', 'alive', { heartbeatAt: NOW - SILENT_AFTER_MS }],
    ['gave none for longer', 'silent', SILENT],
    ['gave its last one before a clock was set back', 'silent', { heartbeatAt: NOW + SILENT_AFTER_MS + 1 }],
    ['has a clock that is a little ahead', 'alive', { heartbeatAt: NOW + 1_000 }],
    ['was stopped', 'stopped', { stoppedAt: NOW }],
    ['was stopped long ago', 'stopped', { ...SILENT, stoppedAt: NOW - MINUTE }],
    ['is a bot, and a later one has its data directory', 'replaced', { role: 'bot' }, [{ role: 'start', startedAt: NOW }]],
    [
      'is a silent bot, and a later one came and went',
      'replaced',
      { ...SILENT, role: 'bot' },
      [{ role: 'bot', startedAt: NOW, ...SILENT }],
    ],
    ['is a bot, and a later one runs on another machine', 'alive', { role: 'bot' }, [{ role: 'bot', startedAt: NOW, host: 'beta' }]],
    ['is a bot, and a later one has another data directory', 'alive', { role: 'bot' }, [{ role: 'bot', startedAt: NOW, dataDir: '/b' }]],
    ['is a bot, and an earlier one is still in the register', 'alive', { role: 'bot' }, [{ role: 'bot', startedAt: START }]],
    ['is a worker beside a later bot', 'alive', {}, [{ role: 'start', startedAt: NOW }]],
    ['is a worker beside a later worker', 'silent', SILENT, [{ startedAt: NOW }]],
    ['is a bot beside a later worker', 'alive', { role: 'bot' }, [{ startedAt: NOW }]],
  ];
  for (const [is, then, of, others = []] of ROWS)
    it(`that ${is} counts as ${then}`, () => {
      const process = processOf('this', of);
      const [listed] = listedAt([process, ...others.map((other, at) => processOf(`other ${at}`, other))], NOW);
      expect(listed).to.deep.equal({ ...process, vitality: then });
    });

  it('is no longer alive once it was stopped', () => {
    expect([isAlive(processOf('a'), NOW), isAlive(processOf('a', { stoppedAt: NOW }), NOW)]).to.deep.equal([true, false]);
  });
});

describe('Restarts', () => {
  it('are counted of each role on each machine, the most first; those that still run or were stopped are none', () => {
    const many = (count: number, of: Partial<RegisteredProcess>): RegisteredProcess[] =>
      Array.from({ length: count }, (_, at) => processOf(`${JSON.stringify(of)} ${at}`, { startedAt: NOW - at, ...of }));
    const all = [
      ...many(9, {}),
      ...many(3, { host: 'beta', work: { ...IDLE, phase: 'failed' }, stoppedAt: NOW }),
      ...many(2, { host: 'beta', ...SILENT }),
      ...many(4, { host: 'beta', stoppedAt: NOW }),
      ...many(6, { role: 'bot' }),
      ...many(7, { role: 'bot', ...SILENT, startedAt: NOW - 5 * MINUTE }),
    ];
    expect(restartsSince(listedAt(all, NOW), NOW - 5 * MINUTE)).to.deep.equal([
      { role: 'worker', host: 'beta', count: 5 },
      { role: 'bot', host: 'alpha', count: 5 },
    ]);
    expect(restartsSince([], START)).to.deep.equal([]);
  });
});
