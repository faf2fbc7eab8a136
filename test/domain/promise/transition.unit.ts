import { expect } from 'chai';
import { type AgentPromise, type PromiseCommand, promiseId, type TransitionRefusal, transition } from '../../../src/domain/index.ts';
import { buildPromise, promiseAfter, START } from '../../../src/testing/index.ts';

const error = { code: 'unavailable', message: 'the search is down' };
const start: PromiseCommand = { type: 'start', at: START, workerId: 'w1', leaseMs: 30_000 };
const complete: PromiseCommand = { type: 'complete', at: START + 9, workerId: 'w1', attempt: 1, result: 'done' };
const fail = { type: 'fail', at: START + 9, workerId: 'w1', attempt: 1, error, retryable: true, jitter: 0 } as const;
const handBack: PromiseCommand = { type: 'hand-back', at: START + 9, workerId: 'w1', attempt: 1 };
const cancel: PromiseCommand = { type: 'cancel', at: START + 9, reason: 'no need' };
const abandon: PromiseCommand = { type: 'abandon', at: START + 9, error };
const release: PromiseCommand = { type: 'release', at: START + 9 };
const retry: PromiseCommand = { type: 'retry', at: START + 20 };

const pending = buildPromise();
const waiting = buildPromise({ dependsOn: [promiseId(9)] });
const running = promiseAfter(pending, start);
const completed = promiseAfter(running, complete);
const failed = promiseAfter(running, { ...fail, retryable: false });
const cancelled = promiseAfter(pending, cancel);

const states = { pending, waiting, running, completed, failed, cancelled };
const expire: PromiseCommand = { type: 'expire', at: START + 30 };
const commands = { expire, start, complete, fail, 'hand-back': handBack, cancel, abandon, release, retry };
const refusal = (promise: AgentPromise, command: PromiseCommand): TransitionRefusal['code'] | undefined => {
  const result = transition(promise, command);
  return result.ok ? undefined : result.error.code;
};

/** What each command does in each state: the state it leads to, or why it is refused. */
const TABLE: Record<keyof typeof states, Record<keyof typeof commands, string>> = {
  waiting: {
    expire: 'deadline-ahead',
    start: 'not-due',
    complete: 'lease-lost',
    fail: 'lease-lost',
    'hand-back': 'lease-lost',
    cancel: '→ cancelled',
    abandon: '→ failed',
    release: '→ pending',
    retry: 'not-settled',
  },
  pending: {
    expire: 'deadline-ahead',
    start: '→ in_progress',
    complete: 'lease-lost',
    fail: 'lease-lost',
    'hand-back': 'lease-lost',
    cancel: '→ cancelled',
    abandon: 'not-waiting',
    release: 'not-waiting',
    retry: 'not-settled',
  },
  running: {
    expire: 'deadline-ahead',
    start: 'lease-held',
    complete: '→ completed',
    fail: '→ pending',
    'hand-back': '→ pending',
    cancel: '→ cancelled',
    abandon: 'not-waiting',
    release: 'not-waiting',
    retry: 'not-settled',
  },
  completed: {
    expire: 'already-settled',
    start: 'not-due',
    complete: 'already-settled',
    fail: 'already-settled',
    'hand-back': 'already-settled',
    cancel: 'already-settled',
    abandon: 'not-waiting',
    release: 'not-waiting',
    retry: 'already-settled',
  },
  failed: {
    expire: 'already-settled',
    start: 'not-due',
    complete: 'already-settled',
    fail: 'already-settled',
    'hand-back': 'already-settled',
    cancel: 'already-settled',
    abandon: 'not-waiting',
    release: 'not-waiting',
    retry: '→ pending',
  },
  cancelled: {
    expire: 'already-settled',
    start: 'not-due',
    complete: 'already-settled',
    fail: 'already-settled',
    'hand-back': 'already-settled',
    cancel: 'already-settled',
    abandon: 'not-waiting',
    release: 'not-waiting',
    retry: '→ pending',
  },
};

describe('a promise', () => {
  for (const [state, row] of Object.entries(TABLE))
    for (const [command, expected] of Object.entries(row))
      it(`${state}, ${command}: ${expected}`, () => {
        const result = transition(states[state as keyof typeof states], commands[command as keyof typeof commands]);
        expect(result.ok ? `→ ${result.value.status}` : result.error.code).to.equal(
          expected.startsWith('→') ? expected : `promise/${expected}`,
        );
      });

  it('is made waiting when it depends on others, else due at its time', () => {
    expect(waiting).to.include({ status: 'waiting', attempts: 0, failures: 0, lostLeases: 0, version: 0 });
    expect(pending).to.include({ status: 'pending', dueAt: START });
    expect(buildPromise({ dueAt: START + 5 })).to.include({ dueAt: START + 5 });
  });

  it('keeps its terms and its version through everything, and nothing of the state it left', () => {
    for (const promise of Object.values(states))
      for (const command of Object.values(commands)) {
        const result = transition(promise, command);
        if (!result.ok) continue;
        const { id, description, retry, metadata, version } = promise;
        expect(result.value).to.deep.include({ id, description, retry, metadata, version });
        const { status } = result.value;
        expect('dueAt' in result.value).to.equal(status === 'pending');
        const cutShort = promise.status === 'in_progress' && status === 'cancelled';
        expect('lease' in result.value).to.equal(status === 'in_progress' || cutShort);
        expect('completedAt' in result.value).to.equal(['completed', 'failed', 'cancelled'].includes(status));
        expect(result.value).to.not.have.property('deliveredAt');
      }
  });

  it('is not changed: the one that comes out is another', () => {
    const before = structuredClone(running);
    transition(running, complete);
    expect(running).to.deep.equal(before);
  });
});

describe('a lease', () => {
  it('is for the time asked, and counts one attempt', () => {
    expect(running).to.deep.include({ startedAt: START, lease: { workerId: 'w1', expiresAt: START + 30_000 }, attempts: 1, lostLeases: 0 });
  });

  it('is not given before the promise is due', () => {
    expect(refusal(buildPromise({ dueAt: START + 1 }), start)).to.equal('promise/not-due');
  });

  it('is held to its end and may be taken over then, by anybody; that is counted', () => {
    const later = (at: number): PromiseCommand => ({ ...start, at, workerId: 'w2' });
    expect(refusal(running, later(START + 29_999))).to.equal('promise/lease-held');
    expect(promiseAfter(running, later(START + 30_000))).to.deep.include({ attempts: 2, lostLeases: 1, startedAt: START + 30_000 });
  });

  it('that was lost gives no say: not to another worker, nor to the same one for an earlier attempt', () => {
    for (const command of [complete, fail, handBack] as const) {
      expect(refusal(running, { ...command, workerId: 'w2' } as PromiseCommand)).to.equal('promise/lease-lost');
      const again = promiseAfter(running, { ...start, at: START + 30_000 });
      expect(refusal(again, command)).to.equal('promise/lease-lost');
    }
  });

  it('that ran out but was taken by nobody still gives its worker the say', () => {
    expect(promiseAfter(running, { ...complete, at: START + 90_000 } as PromiseCommand).status).to.equal('completed');
  });

  it('that is handed back counts neither as attempt nor as failure, and the promise is due at once', () => {
    expect(promiseAfter(running, handBack)).to.include({ status: 'pending', dueAt: START + 9, attempts: 0, failures: 0, lostLeases: 0 });
  });

  it('that is handed back for a while leaves the promise alone that long, and says why', () => {
    const postponed = promiseAfter(running, { ...handBack, forMs: 3_600_000, error });
    expect(postponed).to.deep.include({ status: 'pending', dueAt: START + 9 + 3_600_000, lastError: error, attempts: 0, failures: 0 });
  });

  it('that ends after the clock was put back does not bring the start forward', () => {
    const late = promiseAfter(buildPromise({ dueAt: START + 100_000 }), { ...start, at: START + 100_000 });
    for (const command of [handBack, fail]) expect(promiseAfter(late, command)).to.include({ status: 'pending', dueAt: START + 100_000 });
  });
});

describe('a failure', () => {
  const again = (promise: AgentPromise, at: number, jitter = 0): AgentPromise => {
    const begun = promiseAfter(promise, { ...start, at });
    return promiseAfter(begun, { ...fail, at, attempt: begun.attempts, jitter });
  };

  it('is tried again after 60 s, then 120 s, and fails for good the third time', () => {
    const first = again(pending, START);
    expect(first).to.deep.include({ status: 'pending', dueAt: START + 60_000, lastError: error, failures: 1 });
    const second = again(first, START + 60_000);
    expect(second).to.deep.include({ status: 'pending', dueAt: START + 180_000, failures: 2 });
    expect(again(second, START + 180_000)).to.deep.include({ status: 'failed', completedAt: START + 180_000, error, failures: 3 });
  });

  it('waits as long as it is asked to, where that is longer than the back-off', () => {
    expect(promiseAfter(running, { ...fail, retryAfterMs: 3_600_000 })).to.include({ dueAt: START + 9 + 3_600_000 });
    expect(promiseAfter(running, { ...fail, retryAfterMs: 1_000 })).to.include({ dueAt: START + 9 + 60_000 });
  });

  it('is spread out by up to a quarter', () => {
    expect(again(pending, START, 0.999_999)).to.include({ dueAt: START + 75_000 });
  });

  it('that no repetition would mend is final at once', () => {
    expect(failed).to.deep.include({ status: 'failed', error, failures: 1 });
  });

  it('keeps its words while the promise is tried again', () => {
    const running = promiseAfter(again(pending, START), { ...start, at: START + 60_000 });
    expect(running).to.deep.include({ lastError: error });
    expect(promiseAfter(running, { ...handBack, attempt: 2 } as PromiseCommand)).to.deep.include({ lastError: error });
  });

  it('of a parent is the reason of the child that waited for it', () => {
    expect(promiseAfter(waiting, abandon)).to.deep.include({ status: 'failed', error, attempts: 0 });
  });
});

describe('a retry by hand', () => {
  it('starts the count of failures and lost leases anew, and goes on counting attempts', () => {
    const worn = { ...failed, lostLeases: 4 };
    expect(promiseAfter(worn, retry)).to.include({ status: 'pending', dueAt: START + 20, failures: 0, lostLeases: 0, attempts: 1 });
  });

  for (const [how, cutShort] of Object.entries({
    cancelled: promiseAfter(running, cancel),
    expired: promiseAfter({ ...running, deadline: START + 9 }, { ...expire, at: START + 9 }),
  }))
    it(`of one that was ${how} while it ran waits until nobody can still run it: its worker lets go, or its lease runs out`, () => {
      const retryAfter = (ms: number): PromiseCommand => ({ ...retry, at: START + ms });
      for (const [ms, left] of [
        [10, 30],
        [18_001, 12],
        [29_999, 1],
      ] as const)
        expect(transition(cutShort, retryAfter(ms))).to.deep.equal({
          ok: false,
          error: {
            code: 'promise/lease-held',
            message: `the last run of promise #1 may not have ended yet; try again in ${left} s`,
            retryAfterMs: 30_000 - ms,
          },
        });
      expect(promiseAfter(cutShort, retryAfter(30_000))).to.include({ status: 'pending' });
      const { lease: _, ...letGo } = cutShort as Extract<AgentPromise, { status: 'cancelled' }>;
      expect(promiseAfter(letGo, retryAfter(10))).to.include({ status: 'pending' });
    });

  it('drops a deadline that has passed, and keeps one that is ahead', () => {
    const cutShort = { ...promiseAfter(running, cancel), deadline: START + 50_000 };
    expect(transition(cutShort, { ...retry, at: START + 18_001 })).to.nested.include({ ok: false, 'error.retryAfterMs': 11_999 });
    expect(promiseAfter(cutShort, { ...retry, at: START + 60_000 }))
      .to.include({ status: 'pending', dueAt: START + 60_000 })
      .and.not.have.property('deadline');
    expect(promiseAfter(cutShort, { ...retry, at: START + 30_000 })).to.include({
      status: 'pending',
      dueAt: START + 30_000,
      deadline: START + 50_000,
    });
  });

  it('forgets that the last outcome was delivered', () => {
    expect(promiseAfter({ ...failed, deliveredAt: START + 15 } as AgentPromise, retry)).to.not.have.property('deliveredAt');
  });
});

describe('a start that was set for later', () => {
  const later = buildPromise({ notBefore: START + 50, dependsOn: [promiseId(9)] });

  it('is kept when the parents complete before it', () => {
    expect(buildPromise({ notBefore: START + 50 })).to.include({ status: 'pending', dueAt: START + 50 });
    expect(promiseAfter(later, release)).to.include({ status: 'pending', dueAt: START + 50 });
    expect(promiseAfter(later, { ...release, at: START + 60 } as PromiseCommand)).to.include({ dueAt: START + 60 });
  });
});

describe('a deadline', () => {
  const urgent = { deadline: START + 30 };

  for (const [state, promise] of Object.entries({ pending, waiting, running }))
    it(`that has passed fails a promise that is ${state}`, () => {
      expect(refusal({ ...promise, ...urgent }, { ...expire, at: START + 29 } as PromiseCommand)).to.equal('promise/deadline-ahead');
      expect(promiseAfter({ ...promise, ...urgent }, expire)).to.deep.include({
        status: 'failed',
        completedAt: START + 30,
        error: { code: 'promise/deadline-passed', message: 'It was not done by its deadline.' },
      });
    });

  it('stays when the promise is retried by hand before it, and goes when after', () => {
    const missed = { ...failed, deadline: START + 20 };
    expect(promiseAfter(missed, { ...retry, at: START + 19 } as PromiseCommand)).to.include({ deadline: START + 20 });
    expect(promiseAfter(missed, retry)).to.not.have.property('deadline');
  });
});

describe('progress', () => {
  it('belongs to the running attempt, and ends with it', () => {
    const telling = { ...running, progress: { text: 'reading', at: START + 3 } } as AgentPromise;
    for (const command of [complete, fail, handBack, cancel]) expect(promiseAfter(telling, command)).to.not.have.property('progress');
  });
});
