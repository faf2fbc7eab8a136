import { expect } from 'chai';
import { type FoundStatus, statusLines } from '../../src/main/commands/status-lines.ts';
import { buildProcess } from '../../src/testing/index.ts';

const PLACE = { host: 'alpha', dataDir: '/srv/kept/data' };
const began = new Date(0).toISOString();
const idle = { phase: 'running', promises: [], promiseCount: 0, answering: 0 } as const;
const entryOf = (role: 'bot' | 'worker', work: Partial<Parameters<typeof buildProcess>[1] & object>['work'] = idle, host = 'alpha') =>
  ({ ...buildProcess(`${host}/7/x`, { role, pid: 7, host, startedAt: 0, work }), vitality: 'alive' }) as const;
const lockOf = (role: 'kept' | 'worker') => ({ role, pid: 7, startedAt: 0 });
const STARTED = { role: 'bot', pid: 7, url: 'http://127.0.0.1:8080/', model: 'rehearsal', storage: 'SQLite' } as const;

const found = (more: Partial<FoundStatus> = {}): FoundStatus => ({
  dataDir: PLACE.dataDir,
  place: PLACE,
  seen: { here: [], others: [] },
  report: { at: 0, processes: [], restarts: [], looping: [], restartsWithinMs: 0 },
  isKnown: true,
  isElsewhere: false,
  hasBot: true,
  nobodyWorks: false,
  suspended: [],
  stale: [],
  checks: [],
  ...more,
});

const NOTHING = 'Nothing is running on /srv/kept/data.';
const NO_WORKER = 'No worker is running: promises wait. Start one with `kept worker`.';
const NO_BOT = 'No bot is running: promises are kept, but nobody answers, and results wait. Start one with `kept bot`.';
const PAGE = 'page and API at http://127.0.0.1:8080/, model rehearsal';
const standby = { ...idle, standing: 'stands-by', leader: 'beta/9/y' } as const;
const here = (role: 'kept' | 'worker', entry?: ReturnType<typeof entryOf>) => ({
  here: [{ lock: lockOf(role), ...(entry ? { entry } : {}) }],
  others: [],
});

const supervisor = { pid: 6, startedAt: 0, isSuspended: false };

const TABLE: readonly (readonly [what: string, status: Partial<FoundStatus>, lines: readonly string[]])[] = [
  ['nothing runs', { hasBot: false }, [`${NOTHING} Start it with \`kept start\`.`]],
  [
    'a supervisor only just starts',
    { hasBot: false, supervisor },
    [`supervisor (PID 6), since ${began}; it is only just starting`, 'Nothing is running on /srv/kept/data yet.'],
  ],
  [
    'a supervisor is suspended and runs nothing',
    { hasBot: false, supervisor: { ...supervisor, isSuspended: true }, suspended: [6] },
    [
      `supervisor (PID 6), since ${began}; it is only just starting`,
      'PID 6 is suspended (SIGSTOP) and does nothing: `kill -CONT 6` resumes it.',
      NOTHING,
    ],
  ],
  [
    'a bot runs elsewhere alone',
    { seen: { here: [], others: [entryOf('bot', idle, 'beta')] } },
    [`bot on beta (PID 7), since ${began}; version 1.2.3`, NOTHING],
  ],
  [
    'the register can’t be read',
    { isKnown: false, failure: 'it is away', hasBot: false },
    ["The register of processes can't be read: it is away", `${NOTHING} Start it with \`kept start\`.`],
  ],
  [
    'a bot runs, and no worker',
    { seen: here('kept', entryOf('bot')), started: STARTED, nobodyWorks: true },
    [`bot (PID 7), since ${began}; version 1.2.3`, PAGE, NO_WORKER],
  ],
  [
    'a bot runs here, and a worker elsewhere',
    { seen: { ...here('kept'), others: [entryOf('worker', idle, 'beta')] }, isKnown: false, started: STARTED, nobodyWorks: true },
    [`bot (PID 7), since ${began}`, `worker on beta (PID 7), since ${began}; version 1.2.3`, PAGE],
  ],
  [
    'a process kept a promise when it was heard last, which may be over',
    {
      seen: here('worker', { ...entryOf('worker', { ...idle, promises: [3 as never], promiseCount: 1 }), heartbeatAt: 0 }),
      report: { at: 9_000, processes: [], restarts: [], looping: [], restartsWithinMs: 0 },
    },
    [`worker (PID 7), since ${began}; version 1.2.3, keeps promise #3, as it said 9 s ago`],
  ],
  [
    'a bot stands by, once, by the register',
    { seen: here('kept', entryOf('bot', standby)), started: { ...STARTED, standsByFor: 'beta/9/y' } },
    [`bot (PID 7), since ${began}; version 1.2.3, stands by for beta/9/y`, PAGE],
  ],
  [
    'a bot has taken over since its start',
    { seen: here('kept', entryOf('bot', { ...idle, standing: 'leads' })), started: { ...STARTED, standsByFor: 'beta/9/y' } },
    [`bot (PID 7), since ${began}; version 1.2.3, leads`, PAGE],
  ],
  [
    'a bot stands by, and nothing is known of the register',
    { seen: here('kept'), isKnown: false, started: { ...STARTED, standsByFor: 'beta/9/y' } },
    [`bot (PID 7), since ${began}`, 'standing by: beta/9/y answers', PAGE],
  ],
  [
    'a worker runs, and no bot',
    { seen: here('worker', entryOf('worker')), hasBot: false },
    [`worker (PID 7), since ${began}; version 1.2.3`, NO_BOT],
  ],
  [
    'a worker runs, and nobody knows of other machines',
    { seen: here('worker'), isKnown: false, isElsewhere: true, hasBot: false, nobodyWorks: true },
    [`worker (PID 7), since ${began}`, 'No bot is running on this machine.'],
  ],
  [
    'processes read old files, or refuse what was changed: what is the same is told once',
    {
      seen: { here: [7, 8, 9].map((pid) => ({ lock: { ...lockOf('kept'), pid } })), others: [] },
      isKnown: false,
      stale: [11, 12].map((pid) => ({ pid, files: ['.env'] })),
      refused: [
        ...[7, 8, 9].map((pid) => ({ pid, problems: [{ place: 'w.json', problem: 'is no object' }], more: 3 })),
        { pid: 10, problems: [{ place: 'w.json', problem: 'is gone' }], more: 0 },
      ],
    },
    [
      `starting (PID 7), since ${began}`,
      `starting (PID 8), since ${began}`,
      `starting (PID 9), since ${began}`,
      "PID 7, 8, 9 go on by the configuration of before, as what was changed can't be used: w.json: is no object; and 3 more.",
      "PID 10 goes on by the configuration of before, as what was changed can't be used: w.json: is gone.",
      '.env changed after PID 11, 12 started: restart them to use the change (`kept restart`).',
    ],
  ],
  [
    'a worker is suspended and reads old files, and checks fail',
    {
      seen: here('worker', entryOf('worker')),
      suspended: [7],
      stale: [{ pid: 7, files: ['a.json', 'b.json'] }],
      checks: [
        { id: 'gateway.telegram', status: 'ok', message: 'connected' },
        { id: 'storage.disk', status: 'warn', message: 'full' },
        { id: 'storage.database', status: 'ok', message: 'fine' },
      ],
    },
    [
      `worker (PID 7), since ${began}; version 1.2.3`,
      'PID 7 is suspended (SIGSTOP) and does nothing: `kill -CONT 7` resumes it.',
      'a.json and b.json changed after PID 7 started: restart it to use the change (`kept restart`).',
      'gateway.telegram: ok, connected',
      'storage.disk: warn, full',
    ],
  ],
];

describe('The lines of a status', () => {
  for (const [what, status, lines] of TABLE)
    it(`tell that ${what}`, () => {
      expect(statusLines(found(status))).to.deep.equal(lines);
    });
});
