/** Long because each rule has its rows here. */
import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeAlertMemory } from '../../../src/application/alerts/memory.ts';
import { ALERT_READERS } from '../../../src/application/alerts/readers.ts';
import type { AlertSources, GatewayState, MeasuredSpan } from '../../../src/application/alerts/sources.ts';
import { ALERT_RULE_IDS, ALERT_RULES, judgeValue } from '../../../src/domain/alert/rules.ts';
import {
  type AlertRuleId,
  type LedgerEntry,
  type MicroUsd,
  NO_USAGE,
  promiseId,
  type RegisteredProcess,
  type UserId,
} from '../../../src/domain/index.ts';
import type { Storage } from '../../../src/ports/index.ts';
import { promiseAfter as after, buildOutboxDraft, buildPromise, buildWebhookDraft, START } from '../../../src/testing/index.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NOW = START + 10 * HOUR;

interface World {
  readonly storage: Storage;
  gateways: readonly GatewayState[];
  measured?: MeasuredSpan;
  /** In the window before. Default: the same. */
  measuredBefore?: MeasuredSpan;
  disk?: { readonly freeBytes: number; readonly totalBytes: number };
  backup?: { readonly at: number; readonly isFound: boolean };
  policy: AlertSources['policy'];
  readonly memory: ReturnType<typeof makeAlertMemory>;
}

const world = (): World => ({
  storage: makeMemoryStorage(),
  gateways: [{ gateway: 'telegram', status: 'ok', message: 'connected as @kept_bot' }],
  policy: { workspaces: [] },
  memory: makeAlertMemory(),
});

/** What a rule finds in that world: `bad telegram: …`, `unknown: …`. */
const finds = async (rule: AlertRuleId, made: World): Promise<readonly string[]> => {
  const { storage, gateways, measured, measuredBefore = measured, disk, backup, policy, memory } = made;
  const { settings } = ALERT_RULES[rule];
  const readings = await ALERT_READERS[rule]({
    now: NOW,
    settings,
    memory,
    sources: {
      storage,
      policy,
      gateways: async () => gateways,
      ...(measured && { measured: async (_, until) => (until < NOW ? (measuredBefore ?? measured) : measured) }),
      ...(disk && { disk: async () => disk }),
      newestBackup: async () => backup,
    },
  });
  return readings.map(
    ({ subject, value, found, isIdle }) =>
      `${value === undefined ? (isIdle ? 'idle' : 'unknown') : judgeValue(rule, settings.threshold, value)}${subject === undefined ? '' : ` ${subject}`}: ${found}`,
  );
};

/** One look, with these gateways. */
const looked = (memory: World['memory'], at: number, gateways: readonly GatewayState[] = []): void => {
  memory.note(gateways, at);
  memory.noteLooked(at);
};

const ran = (runs: number, failedRuns: number): MeasuredSpan => ({ runs, failedRuns, answers: 0, answersMs: 0 });
const answered = (answers: number, ms: number): MeasuredSpan => ({ runs: 0, failedRuns: 0, answers, answersMs: answers * ms });
/** Processes of the register, beside the bot that leads. */
const registers = async ({ storage }: World, ...given: readonly Partial<RegisteredProcess>[]): Promise<void> => {
  const { processes } = storage.stores;
  const bot = { role: 'bot', host: 'leader', heartbeatAt: NOW };
  for (const [at, { stoppedAt, ...more }] of [bot, ...given].entries() as Iterable<[number, Partial<RegisteredProcess>]>) {
    const id = `process-${at}`;
    await processes.beat({
      id,
      role: 'worker',
      host: 'mira',
      pid: 1_000 + at,
      version: '0.2.0',
      dataDir: '/srv/kept',
      startedAt: NOW - 5 * HOUR,
      heartbeatAt: NOW - 10 * SECOND,
      work: { phase: 'running', promises: [], promiseCount: 0, answering: 0 },
      ...more,
    });
    if (stoppedAt !== undefined) await processes.stop(id, stoppedAt);
  }
};
const began = (minutesAgo: number, more: Partial<RegisteredProcess> = {}): Partial<RegisteredProcess> => ({
  startedAt: NOW - minutesAgo * MINUTE,
  heartbeatAt: NOW - minutesAgo * MINUTE,
  ...more,
});
/** A worker of another version, which is in no register, keeps a promise under a lease. */
const leased = async (made: World, until: number): Promise<void> => {
  await registers(made);
  const running = after(buildPromise(), { type: 'start', at: START, workerId: 'older', leaseMs: until - START });
  await made.storage.stores.promises.add([running]);
};
const dollars = (usd: number): MicroUsd => (usd * 1_000_000) as MicroUsd;
const spent = (usd: number, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  id: `spent-${usd}`,
  at: NOW,
  on: 'model',
  name: 'openai/gpt-5.5',
  chatId: 'telegram:501' as LedgerEntry['chatId'],
  agent: 'telegram_chat_agent',
  usage: NO_USAGE,
  cost: dollars(usd),
  ...more,
});
const budget = (usd: number, path: string) => ({ daily: dollars(usd), warnAt: 0.8, path });

const undelivered = async (made: World, ageMs: number): Promise<void> => {
  const { promises, outbox } = made.storage.stores;
  const settled = after(buildPromise({ id: promiseId(1) }), { type: 'cancel', at: START, reason: 'not needed' });
  await promises.add([settled]);
  await outbox.add(buildOutboxDraft({ promiseId: promiseId(1), answers: [], dedupeKey: 'one', createdAt: NOW - ageMs }));
};

type Row = readonly [title: string, make: (made: World) => unknown, found: readonly string[]];

/** For each rule: what breaks exactly that, what is well, and what is not known. */
const TABLE: Readonly<Record<AlertRuleId, readonly Row[]>> = {
  'service.errors': [
    [
      'many runs fail',
      (made) => {
        made.measured = ran(20, 3);
      },
      ['bad: 3 of 20 runs of agents failed within 5 min.'],
    ],
    [
      'few runs fail',
      (made) => {
        made.measured = ran(100, 4);
      },
      ['well: 4 of 100 runs of agents failed within 5 min.'],
    ],
    [
      'the only run fails',
      (made) => {
        made.measured = ran(1, 1);
      },
      ['unknown: 1 of 1 run of agents failed within 5 min.'],
    ],
    [
      'nothing runs',
      (made) => {
        made.measured = ran(0, 0);
      },
      ['idle: No agent ran within 5 min.'],
    ],
    [
      'nothing runs any more',
      (made) => {
        made.measured = ran(0, 0);
        made.measuredBefore = ran(2, 2);
      },
      ['unknown: No agent ran within 5 min.'],
    ],
    ['nothing is measured', () => undefined, ['unknown: Nothing is measured here.']],
  ],
  'service.response': [
    [
      'answers are slow',
      (made) => {
        made.measured = answered(4, 7_250);
      },
      ['bad: 4 answers within 5 min took 7.3 s on average.'],
    ],
    [
      'answers are fast',
      (made) => {
        made.measured = answered(1, 900);
      },
      ['well: 1 answer within 5 min took 900 ms on average.'],
    ],
    [
      'nobody asks',
      (made) => {
        made.measured = answered(0, 0);
      },
      ['idle: Nobody was answered within 5 min.'],
    ],
    [
      'nobody asks any more',
      (made) => {
        made.measured = answered(0, 0);
        made.measuredBefore = answered(1, 9_000);
      },
      ['unknown: Nobody was answered within 5 min.'],
    ],
    ['nothing is measured', () => undefined, ['unknown: Nothing is measured here.']],
  ],
  'service.availability': [
    [
      'Telegram was away for a while',
      ({ memory }) => {
        for (let at = NOW - 40 * MINUTE; at <= NOW; at += 30 * SECOND) {
          const status = at > NOW - 10 * MINUTE && at < NOW ? 'fail' : 'ok';
          memory.note([{ gateway: 'telegram', status, message: '' }], at);
          memory.noteLooked(at);
        }
      },
      ['bad: People could be answered 76.25 % of the time within 1 h.'],
    ],
    [
      'the storage was away for a while',
      ({ memory }) => {
        for (let at = NOW - 40 * MINUTE; at <= NOW; at += 30 * SECOND)
          if (at > NOW - 4 * MINUTE) memory.noteDown(at);
          else looked(memory, at);
      },
      ['bad: People could be answered 91.25 % of the time within 1 h.'],
    ],
    [
      'all was well',
      ({ memory }) => {
        for (let at = NOW - 40 * MINUTE; at <= NOW; at += 30 * SECOND) looked(memory, at);
      },
      ['well: People could be answered 100 % of the time within 1 h.'],
    ],
    ['it has just begun', ({ memory }) => looked(memory, NOW), ['unknown: It was not looked at for long enough.']],
  ],
  'queue.oldest-due': [
    [
      'a promise is due for long',
      ({ storage }) => storage.stores.promises.add([buildPromise({ createdAt: NOW - 7 * MINUTE })]),
      ['bad: The oldest due promise waits for 7 min.'],
    ],
    ['no promise is due', () => undefined, ['well: No due promise waits.']],
  ],
  'queue.undelivered': [
    [
      'an outcome waits for long',
      (made) => undelivered(made, 11 * MINUTE),
      ['bad: 1 outcome of promises has not reached the chat within 10 min.'],
    ],
    ['an outcome is on its way', (made) => undelivered(made, MINUTE), ['well: Every outcome has reached its chat.']],
  ],
  'queue.webhooks': [
    [
      'an event waits for long',
      async ({ storage }) => {
        await storage.stores.webhooks.listen(true);
        await storage.stores.webhooks.add([buildWebhookDraft(1, NOW - 16 * MINUTE)]);
      },
      ['bad: The oldest event waits for 16 min.'],
    ],
    ['none waits', ({ storage }) => storage.stores.webhooks.listen(true), ['well: No event waits.']],
    [
      'the receiver is gone',
      async ({ storage }) => {
        await storage.stores.webhooks.listen(true);
        await storage.stores.webhooks.add([buildWebhookDraft(1, NOW - 16 * MINUTE)]);
        await storage.stores.webhooks.listen(false);
      },
      ['idle: Nobody receives webhooks.'],
    ],
  ],
  'queue.worker': [
    ['no worker is there', (made) => registers(made), ['bad: No worker gives a sign of life, on any machine.']],
    [
      'the worker went silent',
      (made) => registers(made, { heartbeatAt: NOW - 61 * SECOND }),
      ['bad: No worker gives a sign of life, on any machine.'],
    ],
    [
      'the worker was stopped',
      (made) => registers(made, { heartbeatAt: NOW - 5 * SECOND, stoppedAt: NOW - SECOND }),
      ['bad: No worker gives a sign of life, on any machine.'],
    ],
    [
      'one works, and one is bot and worker',
      (made) => registers(made, {}, { role: 'start', host: 'nova' }),
      ['well: 2 workers are alive: the last signs of life are up to 10 s old.'],
    ],
    [
      'a worker that is not in the register keeps a promise',
      (made) => leased(made, NOW),
      ['well: A worker that is not in the register keeps promises: it is of an older version.'],
    ],
    ['the lease of such a worker has run out', (made) => leased(made, NOW - 1), ['bad: No worker gives a sign of life, on any machine.']],
    [
      'the bot itself is not in the register',
      () => undefined,
      ['unknown: This bot is not in the register of processes: its signs of life are not stored.'],
    ],
  ],
  'process.lost': [
    [
      'a process went silent',
      (made) => registers(made, { heartbeatAt: NOW - 5 * MINUTE }, { host: 'nova' }),
      [
        'well leader: No process on leader is lost: the last sign of life is 0 s old.',
        'well nova: No process on nova is lost: the last sign of life is 10 s old.',
        'bad mira: Without a stop, mira lost a worker (5 min ago).',
      ],
    ],
    [
      'it ended before its second sign of life',
      (made) => registers(made, began(5)),
      [
        'well leader: No process on leader is lost: the last sign of life is 0 s old.',
        'bad mira: Without a stop, mira lost a worker (5 min ago).',
      ],
    ],
    [
      'another took its place',
      (made) => registers(made, { heartbeatAt: NOW - 5 * MINUTE }, { startedAt: NOW - MINUTE }),
      [
        'well leader: No process on leader is lost: the last sign of life is 0 s old.',
        'well mira: No process on mira is lost: the last sign of life is 10 s old.',
      ],
    ],
    [
      'it was stopped',
      (made) => registers(made, { heartbeatAt: NOW - 5 * MINUTE, stoppedAt: NOW - 5 * MINUTE }),
      ['well leader: No process on leader is lost: the last sign of life is 0 s old.', 'well mira: No process on mira is lost.'],
    ],
    [
      'it went silent long ago',
      (made) => registers(made, { heartbeatAt: NOW - 61 * MINUTE }),
      ['well leader: No process on leader is lost: the last sign of life is 0 s old.', 'well mira: No process on mira is lost.'],
    ],
    [
      'the bot itself is not in the register',
      () => undefined,
      ['unknown: This bot is not in the register of processes: its signs of life are not stored.'],
    ],
  ],
  'process.restarts': [
    [
      'a process ends over and over',
      (made) => registers(made, ...[10, 8, 6, 4, 2].map((minutes) => began(minutes)), {}),
      ['bad worker on mira: worker on mira began and broke off 5 times within 15 min.'],
    ],
    [
      'it ended once',
      (made) => registers(made, began(2), {}),
      ['well worker on mira: worker on mira began and broke off 1 time within 15 min.'],
    ],
    [
      'many begin together',
      (made) => registers(made, ...Array.from({ length: 8 }, () => ({ startedAt: NOW - MINUTE }))),
      ['well: Every process goes on.'],
    ],
    [
      'the bot itself is not in the register',
      () => undefined,
      ['unknown: This bot is not in the register of processes: its signs of life are not stored.'],
    ],
  ],
  'gateway.silent': [
    [
      'Telegram does not answer',
      (made) => {
        made.gateways = [{ gateway: 'telegram', status: 'fail', message: 'not connected' }];
        made.memory.note(made.gateways, NOW - 5 * MINUTE);
        made.memory.note(made.gateways, NOW);
      },
      ['bad telegram: For 5 min: not connected.'],
    ],
    [
      'there is no gateway',
      (made) => {
        made.gateways = [];
      },
      ['idle: No gateway to a platform is configured.'],
    ],
    ['Telegram is connected', ({ memory, gateways }) => memory.note(gateways, NOW), ['well telegram: connected as @kept_bot']],
    [
      'Telegram is back',
      (made) => {
        made.memory.note([{ gateway: 'telegram', status: 'fail', message: 'not connected' }], NOW - 5 * MINUTE);
        made.memory.note(made.gateways, NOW);
      },
      ['well telegram: connected as @kept_bot'],
    ],
    [
      'nobody looked at it',
      (made) => {
        made.gateways = [{ gateway: 'telegram', status: 'skipped', message: 'not asked' }];
      },
      ['unknown telegram: not asked'],
    ],
  ],
  'gateway.flood-wait': [
    [
      'there is no gateway',
      (made) => {
        made.gateways = [];
      },
      ['idle: No gateway to a platform is configured.'],
    ],
    [
      'the platform asks for a pause',
      ({ storage }) => storage.state('outbox:telegram').set(new Map([['penalty:answers', String(NOW + 90_500)]])),
      ['bad telegram: It wants no message for another 91 s.'],
    ],
    [
      'one chat alone is slow',
      ({ storage }) => storage.state('outbox:telegram').set(new Map([['penalty:answers:telegram:501', String(NOW + HOUR)]])),
      ['well telegram: It asks for no pause.'],
    ],
    [
      'the pause is over',
      ({ storage }) => storage.state('outbox:telegram').set(new Map([['penalty:answers', String(NOW - 1)]])),
      ['well telegram: It asks for no pause.'],
    ],
  ],
  'budget.used': [
    [
      'a budget is nearly used up',
      async (made) => {
        made.policy = {
          workspaces: [],
          budget: budget(5, 'budget'),
          people: new Map([['telegram:501' as UserId, { budget: budget(10, 'people.501.budget') }]]) as never,
        };
        await made.storage.stores.ledger.add([spent(4.6, { person: 'telegram:501' as UserId })]);
      },
      [
        'bad budget.daily_usd: $4.60 of $5.00 a day are spent, and $0.00 reserved.',
        'well people.501.budget.daily_usd: $4.60 of $10.00 a day are spent, and $0.00 reserved.',
      ],
    ],
    ['no budget is configured', () => undefined, ['idle: No budget is configured.']],
  ],
  'storage.disk': [
    [
      'the disk is nearly full',
      (made) => {
        made.disk = { freeBytes: 4e9, totalBytes: 100e9 };
      },
      ['bad: 4 GB of 100 GB are free.'],
    ],
    [
      'there is room',
      (made) => {
        made.disk = { freeBytes: 60e9, totalBytes: 100e9 };
      },
      ['well: 60 GB of 100 GB are free.'],
    ],
    [
      'the file system tells no size',
      (made) => {
        made.disk = { freeBytes: 0, totalBytes: 0 };
      },
      ['idle: The file system does not say how large it is.'],
    ],
    ['the disk is elsewhere', () => undefined, ['idle: The disk of the data is on another machine.']],
  ],
  'storage.backup': [
    [
      'the newest backup is old',
      (made) => {
        made.backup = { at: NOW - 30 * HOUR, isFound: true };
      },
      ['bad: The newest backup was made 30 h ago.'],
    ],
    [
      'the newest backup is new',
      (made) => {
        made.backup = { at: NOW - 2 * HOUR, isFound: true };
      },
      ['well: The newest backup was made 2 h ago.'],
    ],
    [
      'none was ever finished',
      (made) => {
        made.backup = { at: NOW - 30 * HOUR, isFound: false };
      },
      ['bad: No whole backup was made in the last 30 h.'],
    ],
    ['there is none', () => undefined, ['idle: There is no backup here.']],
  ],
};

/** These look at the same: a worker that is gone is no worker, too. */
const OF_PROCESSES: ReadonlySet<AlertRuleId> = new Set(['process.lost', 'process.restarts', 'queue.worker']);

for (const rule of ALERT_RULE_IDS)
  describe(`The rule ${rule}`, () => {
    for (const [title, make, found] of TABLE[rule])
      it(`finds ${found[0]?.split(/[: ]/)[0]} where ${title}`, async () => {
        const made = world();
        await make(made);
        assert.deepEqual(await finds(rule, made), found);
        // Exactly that: with nothing else broken, no other rule is bad.
        for (const other of ALERT_RULE_IDS)
          if (other !== rule && !(OF_PROCESSES.has(rule) && OF_PROCESSES.has(other)))
            assert.ok(!(await finds(other, made)).some((each) => each.startsWith('bad')), other);
      });

    it('has a row of what is bad and one of what is not', () => {
      const starting = TABLE[rule].flatMap(([, , found]) => found.map((each) => each.split(/[: ]/)[0]));
      assert.ok(starting.includes('bad') && starting.some((each) => each !== 'bad'));
    });
  });

describe('What rules remember', () => {
  it('goes on in the next process', () => {
    const first = makeAlertMemory();
    const down: readonly GatewayState[] = [{ gateway: 'telegram', status: 'fail', message: 'not connected' }];
    for (let at = NOW; at <= NOW + 20 * MINUTE; at += 30 * SECOND) looked(first, at, down);
    const next = makeAlertMemory(first.text());
    assert.equal(next.silentFor('telegram', NOW + 20 * MINUTE), 20 * MINUTE);
    assert.equal(next.availability(HOUR, NOW + 20 * MINUTE), 0);
    assert.equal(next.note(down, NOW + 21 * MINUTE), false);
    assert.equal(next.silentFor('telegram', NOW + 21 * MINUTE), 21 * MINUTE);
    assert.equal(next.note([], NOW + 22 * MINUTE), true);
  });

  it('is empty where what was stored can not be read', () => {
    for (const stored of ['', '{', 'null', '[]', '{"spans":7,"silentSince":[1]}', '{"spans":[{"from":2,"to":1,"up":true},null]}']) {
      const memory = makeAlertMemory(stored);
      assert.equal(memory.availability(HOUR, NOW), undefined);
      assert.equal(memory.silentFor('telegram', NOW), 0);
    }
  });

  it('does not count a time in which nobody looked, and survives a clock that was set', () => {
    const memory = makeAlertMemory();
    for (let at = NOW; at <= NOW + 15 * MINUTE; at += 30 * SECOND) looked(memory, at);
    for (let at = NOW + 40 * MINUTE; at <= NOW + 45 * MINUTE; at += 30 * SECOND) memory.noteDown(at);
    assert.equal(memory.availability(HOUR, NOW + 45 * MINUTE), 0.75);
    for (let at = NOW - 24 * HOUR; at <= NOW - 24 * HOUR + 15 * MINUTE; at += 30 * SECOND) looked(memory, at);
    assert.equal(memory.availability(HOUR, NOW - 24 * HOUR + 15 * MINUTE), 1);
    assert.equal(memory.silentFor('telegram', NOW), 0);
  });

  it('counts as down the time from the last sign of life of a process that was not stopped', () => {
    const first = makeAlertMemory();
    for (let at = NOW; at <= NOW + 20 * MINUTE; at += 15 * SECOND) looked(first, at);
    const began = NOW + 30 * MINUTE;
    const rows = [
      ['its last look', first.text(), undefined, 20 / 30],
      ['its last sign of life, which came later', first.text(), NOW + 21 * MINUTE, 21 / 30],
      ['its last look, where the clock was set', first.text(), began + MINUTE, 1],
      ['nothing: it was stopped', first.text(true), NOW + 21 * MINUTE, 1],
      ['nothing: an older version has stored it', first.text(true).replace('"lookedAt"', '"at"'), undefined, 1],
    ] as const;
    for (const [title, stored, aliveAt, expected] of rows) {
      const next = makeAlertMemory(stored);
      next.noteBegun(began, aliveAt);
      looked(next, began);
      assert.equal(next.availability(HOUR, began), expected, title);
      looked(next, began + 30 * SECOND);
      assert.ok((next.availability(HOUR, began + 30 * SECOND) ?? 0) >= expected, title);
    }
  });

  it('counts a loop of crashes as down for as long as it is', () => {
    let stored = '';
    for (let at = NOW; at < NOW + HOUR; at += 30 * SECOND) {
      const memory = makeAlertMemory(stored);
      memory.noteBegun(at, at - 20 * SECOND);
      looked(memory, at);
      stored = memory.text();
    }
    const share = makeAlertMemory(stored).availability(HOUR, NOW + HOUR) ?? 1;
    assert.ok(share > 0.3 && share < 0.36, `${share}`);
  });

  it('stays small, however often it changes', () => {
    const memory = makeAlertMemory();
    for (let at = 0; at < 5_000; at++) {
      memory.noteDown(NOW + 2 * at * SECOND);
      looked(memory, NOW + (2 * at + 1) * SECOND);
    }
    assert.ok(memory.text().length < 20_000, `${memory.text().length}`);
  });
});
