import { expect } from 'chai';
import { listedAt, promiseId, type RegisteredProcess } from '../../src/domain/index.ts';
import { hereWords, otherLines } from '../../src/main/commands/status-words.ts';
import { type LockSeen, type SeenWhere, seenProcesses } from '../../src/main/seen-processes.ts';
import type { ProcessesReport } from '../../src/ports/index.ts';
import { buildProcess, START } from '../../src/testing/index.ts';

const MINUTE = 60_000;
const NOW = START + 120 * MINUTE;
const place = { host: 'alpha', dataDir: '/srv/kept/data' };
const IDLE = { phase: 'running', promises: [], promiseCount: 0, answering: 0 } as const;

const entry = (id: string, of: Partial<RegisteredProcess> = {}): RegisteredProcess => {
  const { stoppedAt, ...rest } = of;
  const process = buildProcess(id, { startedAt: NOW - 30 * MINUTE, heartbeatAt: NOW - 5_000, ...rest });
  return stoppedAt === undefined ? process : { ...process, stoppedAt };
};
const lock = (of: Partial<LockSeen> = {}): LockSeen => ({ role: 'worker-1a2b', pid: 4_711, startedAt: NOW - 30 * MINUTE - 200, ...of });

const look = (
  locks: readonly LockSeen[],
  entries: readonly RegisteredProcess[],
  more: Partial<ProcessesReport> = {},
  where: SeenWhere = { isShared: true, hasProcess: () => true },
) => {
  const report: ProcessesReport = {
    at: NOW,
    processes: listedAt(entries, NOW),
    restarts: [],
    looping: [],
    restartsWithinMs: 900_000,
    ...more,
  };
  const seen = seenProcesses(locks, report.processes, place, where);
  return {
    seen,
    here: seen.here.map((one) => hereWords(one, one.lock.role === 'kept' ? 'start' : 'worker', { at: 0, isKnown: true })),
    others: otherLines(seen, report, place),
  };
};

describe('Processes by their locks and by the register', () => {
  it('are one where place, PID and role are the same, and it began with its lock', () => {
    const rows: readonly [of: Partial<RegisteredProcess>, isOne: boolean][] = [
      [{}, true],
      [{ heartbeatAt: NOW - 10 * MINUTE }, true],
      [{ pid: 4_712 }, false],
      [{ host: 'beta' }, false],
      [{ dataDir: '/srv/other' }, false],
      [{ role: 'bot' }, false],
      [{ stoppedAt: NOW }, false],
      // In a container, each start has the same PID.
      [{ startedAt: NOW - 40 * MINUTE }, false],
    ];
    for (const [of, isOne] of rows) {
      const { here, others } = look([lock()], [entry('a', of)]).seen;
      expect([here[0]?.entry?.id, others.length], JSON.stringify(of)).to.deep.equal(isOne ? ['a', 0] : [undefined, 1]);
    }
  });

  it('are over at once where they should hold a lock here and hold none', () => {
    const { others } = look([], [entry('here'), entry('elsewhere', { host: 'beta' })]).seen;
    expect(others.map(({ id, vitality }) => [id, vitality])).to.deep.equal([
      ['here', 'silent'],
      ['elsewhere', 'alive'],
    ]);
  });
});

describe('What status says of processes', () => {
  const began = new Date(lock().startedAt).toISOString();

  it('tells what each one here is at', () => {
    const work = { ...IDLE, standing: 'leads', answering: 2, promises: [promiseId(3), promiseId(4)], promiseCount: 23 } as const;
    const kept = { role: 'kept' };
    const rows: readonly [of: Partial<RegisteredProcess>, words: string][] = [
      [{}, 'version 1.2.3'],
      [{ work }, 'version 1.2.3, leads, answers 2 chats, keeps promises #3, #4 and 21 more'],
      [
        { work: { ...IDLE, standing: 'stands-by', leader: 'beta/7/x', phase: 'stopping' } },
        'version 1.2.3, stopping, stands by for beta/7/x',
      ],
      [{ work: { ...IDLE, standing: 'stands-by', answering: 1 } }, 'version 1.2.3, stands by; the leader is not known, answers 1 chat'],
      [{ work: { ...IDLE, promises: [promiseId(9)], promiseCount: 1 } }, 'version 1.2.3, keeps promise #9'],
      [{ work: { ...IDLE, metrics: { port: 9101, isServed: true } } }, 'version 1.2.3, metrics at port 9101'],
      [{ work: { ...IDLE, metrics: { port: 9101, isServed: false } } }, 'version 1.2.3, no metrics: port 9101 is taken or refused'],
      [{ heartbeatAt: NOW - 10 * MINUTE }, `version 1.2.3; no sign of life since ${new Date(NOW - 10 * MINUTE).toISOString()}`],
    ];
    for (const [of, words] of rows)
      expect(look([lock(kept)], [entry('a', { role: 'start', ...of })]).here).to.deep.equal([`start (PID 4711), since ${began}; ${words}`]);
  });

  it('tells of a process that the register does not know', () => {
    expect(look([lock()], []).here).to.deep.equal([
      `worker (PID 4711), since ${began}; not in the register: it is only just starting, or of an older version`,
    ]);
    expect(hereWords({ lock: lock() }, 'worker', { at: 0, isKnown: false })).to.equal(`worker (PID 4711), since ${began}`);
  });

  it('names the machine or the directory of others, and says since when one is silent', () => {
    const silent = { heartbeatAt: NOW - 10 * MINUTE };
    const at = new Date(NOW - 10 * MINUTE).toISOString();
    const start = new Date(NOW - 30 * MINUTE).toISOString();
    expect(
      look(
        [lock()],
        [
          entry('a'),
          entry('b', { host: 'beta', role: 'bot', work: { ...IDLE, standing: 'leads' } }),
          entry('c', { dataDir: '/srv/second' }),
          entry('d', { host: 'beta', pid: 9, ...silent }),
          entry('e', { pid: 8, ...silent }),
          entry('f', { host: 'beta', heartbeatAt: NOW - 90 * MINUTE }),
          entry('g', { host: 'beta', stoppedAt: NOW }),
        ],
      ).others,
    ).to.deep.equal([
      `bot on beta (PID 4711), since ${start}; version 1.2.3, leads`,
      `worker in /srv/second (PID 4711), since ${start}; version 1.2.3`,
      `worker on beta (PID 9): silent since ${at}; it was killed, is suspended, or is cut off from the database`,
      `worker (PID 8): silent since ${at}; it ended without a stop`,
      '1 more process has been silent for over an hour',
    ]);
  });

  it('says nothing more of a process that another one of its role has followed here', () => {
    const killed = entry('killed', { pid: 8, heartbeatAt: NOW - 10 * MINUTE });
    expect(look([lock()], [entry('beside'), killed]).others).to.have.length(1);
    const follower = entry('after', { startedAt: NOW - 9 * MINUTE });
    const { others, seen } = look([lock({ startedAt: NOW - 9 * MINUTE })], [follower, killed]);
    expect(others).to.deep.equal([]);
    expect(seen.others.map(({ id, vitality }) => [id, vitality])).to.deep.equal([['killed', 'replaced']]);
  });

  it('leaves out what ran on another directory of this machine and is over, as an entry of a backup is', () => {
    const silent = { dataDir: '/srv/before', heartbeatAt: NOW - 10 * MINUTE };
    const entries = [entry('here', { ...silent, pid: 8 }), entry('elsewhere', { ...silent, host: 'beta' })];
    const told = (isShared: boolean, ...pids: readonly number[]) =>
      look([], entries, {}, { isShared, hasProcess: (pid) => pids.includes(pid) }).seen.others.map(({ id }) => id);
    expect(told(true, 8)).to.deep.equal(['here', 'elsewhere']);
    expect(told(true)).to.deep.equal(['elsewhere']);
    expect(told(false, 8)).to.deep.equal(['elsewhere']);
  });

  it('names a leader that the register does not know, and restarts', () => {
    const restarts = [
      { role: 'start', host: 'beta', count: 7 },
      { role: 'worker', host: 'beta', count: 2 },
    ];
    expect(look([], [], { leader: 'older/1/x', restarts, looping: restarts.slice(0, 1) }).others).to.deep.equal([
      'older/1/x leads; it is not in the register: it is of an older version',
      'start on beta began and broke off 7 times within 15 min: its log says why',
    ]);
    expect(look([], [entry('b', { host: 'beta', role: 'bot' })], { leader: 'b' }).others).to.have.length(1);
  });

  it('is bounded, and nothing in it is obeyed by a terminal', () => {
    const many = Array.from({ length: 70 }, (_, at) => entry(`p${at}`, { host: `\u001b[31mred${at}\u001b[0m\nforged line` }));
    const { others } = look([], many);
    expect(others.length).to.equal(51);
    expect(others[0]).to.match(/^worker on red0 forged line \(PID 4711\)/);
    expect(others.at(-1)).to.equal('and 20 more');
  });
});
