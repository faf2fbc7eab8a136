import { expect } from 'chai';
import { type AgentPromise, approvalId, makePromise, type PromiseCommand, transition } from '../../../src/domain/index.ts';
import { buildPromise, promiseAfter, START } from '../../../src/testing/index.ts';
import {
  abandon,
  asked,
  awaitApproval,
  cancel,
  cancelled,
  complete,
  completed,
  error,
  expire,
  fail,
  failed,
  goOn,
  handBack,
  pending,
  refusal,
  release,
  retry,
  running,
  start,
  waiting,
} from './promise-states.ts';

const states = { pending, waiting, asked, running, completed, failed, cancelled };
const commands = {
  expire,
  start,
  complete,
  fail,
  'hand-back': handBack,
  'await-approval': awaitApproval,
  'go-on': goOn,
  cancel,
  abandon,
  release,
  retry,
};

/** What each command does in each state: the state it leads to, or why it is refused. */
const TABLE: Record<keyof typeof states, Record<keyof typeof commands, string>> = {
  waiting: {
    expire: 'deadline-ahead',
    start: 'not-due',
    complete: 'lease-lost',
    fail: 'lease-lost',
    'hand-back': 'lease-lost',
    'await-approval': 'lease-lost',
    'go-on': 'not-waiting',
    cancel: '→ cancelled',
    abandon: '→ failed',
    release: '→ pending',
    retry: 'not-settled',
  },
  asked: {
    expire: 'deadline-ahead',
    start: 'not-due',
    complete: 'lease-lost',
    fail: 'lease-lost',
    'hand-back': 'lease-lost',
    'await-approval': 'lease-lost',
    'go-on': '→ pending',
    cancel: '→ cancelled',
    abandon: '→ failed',
    release: 'awaits-approval',
    retry: 'not-settled',
  },
  pending: {
    expire: 'deadline-ahead',
    start: '→ in_progress',
    complete: 'lease-lost',
    fail: 'lease-lost',
    'hand-back': 'lease-lost',
    'await-approval': 'lease-lost',
    'go-on': 'not-waiting',
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
    'await-approval': '→ waiting',
    'go-on': 'not-waiting',
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
    'await-approval': 'already-settled',
    'go-on': 'not-waiting',
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
    'await-approval': 'already-settled',
    'go-on': 'not-waiting',
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
    'await-approval': 'already-settled',
    'go-on': 'not-waiting',
    cancel: 'already-settled',
    abandon: 'not-waiting',
    release: 'not-waiting',
    retry: '→ pending',
  },
};

describe('A promise', () => {
  for (const [state, row] of Object.entries(TABLE))
    for (const [command, expected] of Object.entries(row))
      it(`answers the command ${command} to a promise that is ${state} with ${expected}`, () => {
        const result = transition(states[state as keyof typeof states], commands[command as keyof typeof commands]);
        expect(result.ok ? `→ ${result.value.status}` : result.error.code).to.equal(
          expected.startsWith('→') ? expected : `promise/${expected}`,
        );
      });

  it('makes a promise that depends on others waiting, and any other due at its time', () => {
    expect(waiting).to.include({ status: 'waiting', attempts: 0, failures: 0, lostLeases: 0, version: 0 });
    expect(pending).to.include({ status: 'pending', dueAt: START });
    expect(buildPromise({ dueAt: START + 5 })).to.include({ dueAt: START + 5 });
  });

  it('waits for its approval and for its parents, whichever is first, and goes on by the decision on that approval alone', () => {
    const both = makePromise(waiting, approvalId(4));
    expect(refusal(both, release)).to.equal('promise/awaits-approval');
    expect(refusal(both, { ...goOn, approvalId: approvalId(5) })).to.equal('promise/not-waiting');
    const approved = promiseAfter(both, goOn);
    expect([approved.status, 'approvalId' in approved]).to.deep.equal(['waiting', false]);
    expect(refusal(approved, goOn)).to.equal('promise/not-waiting');
    expect(promiseAfter(approved, release).status).to.equal('pending');
  });

  it('counts the attempt that asks, so that no later attempt has its number, and takes no failure with it', () => {
    const waits = promiseAfter(running, awaitApproval);
    expect(waits).to.include({ status: 'waiting', approvalId: 4, attempts: 1, failures: 0 });
    const again = promiseAfter(waits, goOn, { ...start, at: START + 10 });
    expect(again.attempts).to.equal(2);
    expect(refusal(again, awaitApproval)).to.equal('promise/lease-lost');
  });

  it('does not start before its time, however early it is approved', () => {
    const early = makePromise(buildPromise({ notBefore: START + 500 }), approvalId(4));
    expect(promiseAfter(early, goOn)).to.include({ status: 'pending', dueAt: START + 500 });
  });

  it('keeps the spec and the version of a promise at every command, and nothing of the state before', () => {
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

  it('returns another promise, and leaves the given one unchanged', () => {
    const before = structuredClone(running);
    transition(running, complete);
    expect(running).to.deep.equal(before);
  });
});

describe('A lease', () => {
  it('gives a lease for the requested time, and counts one attempt', () => {
    expect(running).to.deep.include({ startedAt: START, lease: { workerId: 'w1', expiresAt: START + 30_000 }, attempts: 1, lostLeases: 0 });
  });

  it('refuses a lease before the promise is due', () => {
    expect(refusal(buildPromise({ dueAt: START + 1 }), start)).to.equal('promise/not-due');
  });

  it('lets any worker take over a lease that has expired, and counts it as lost', () => {
    const later = (at: number): PromiseCommand => ({ ...start, at, workerId: 'w2' });
    expect(refusal(running, later(START + 29_999))).to.equal('promise/lease-held');
    expect(promiseAfter(running, later(START + 30_000))).to.deep.include({ attempts: 2, lostLeases: 1, startedAt: START + 30_000 });
  });

  it('refuses the end of a run whose lease was lost, to another worker and to the same one for an earlier attempt', () => {
    for (const command of [complete, fail, handBack] as const) {
      expect(refusal(running, { ...command, workerId: 'w2' } as PromiseCommand)).to.equal('promise/lease-lost');
      const again = promiseAfter(running, { ...start, at: START + 30_000 });
      expect(refusal(again, command)).to.equal('promise/lease-lost');
    }
  });

  it('accepts the end of a run whose lease has expired if nobody took it over', () => {
    expect(promiseAfter(running, { ...complete, at: START + 90_000 } as PromiseCommand).status).to.equal('completed');
  });

  it('counts a lease that is handed back neither as attempt nor as failure, and makes the promise due at once', () => {
    expect(promiseAfter(running, handBack)).to.include({ status: 'pending', dueAt: START + 9, attempts: 0, failures: 0, lostLeases: 0 });
  });

  it('delays a promise that is handed back for a while, and keeps the reason', () => {
    const postponed = promiseAfter(running, { ...handBack, forMs: 3_600_000, error });
    expect(postponed).to.deep.include({ status: 'pending', dueAt: START + 9 + 3_600_000, lastError: error, attempts: 0, failures: 0 });
  });

  it('keeps the start of a promise whose lease ends after the clock was set back', () => {
    const late = promiseAfter(buildPromise({ dueAt: START + 100_000 }), { ...start, at: START + 100_000 });
    for (const command of [handBack, fail]) expect(promiseAfter(late, command)).to.include({ status: 'pending', dueAt: START + 100_000 });
  });
});

describe('A failure', () => {
  const again = (promise: AgentPromise, at: number, jitter = 0): AgentPromise => {
    const begun = promiseAfter(promise, { ...start, at });
    return promiseAfter(begun, { ...fail, at, attempt: begun.attempts, jitter });
  };

  it('retries a failed promise after 60 s, then 120 s, and fails it for good the third time', () => {
    const first = again(pending, START);
    expect(first).to.deep.include({ status: 'pending', dueAt: START + 60_000, lastError: error, failures: 1 });
    const second = again(first, START + 60_000);
    expect(second).to.deep.include({ status: 'pending', dueAt: START + 180_000, failures: 2 });
    expect(again(second, START + 180_000)).to.deep.include({ status: 'failed', completedAt: START + 180_000, error, failures: 3 });
  });

  it('waits as long as a failure asks for if that is longer than the back-off', () => {
    expect(promiseAfter(running, { ...fail, retryAfterMs: 3_600_000 })).to.include({ dueAt: START + 9 + 3_600_000 });
    expect(promiseAfter(running, { ...fail, retryAfterMs: 1_000 })).to.include({ dueAt: START + 9 + 60_000 });
  });

  it('spreads the retries of failures by up to a quarter', () => {
    expect(again(pending, START, 0.999_999)).to.include({ dueAt: START + 75_000 });
  });

  it('fails a promise at once after a failure that no retry would cure', () => {
    expect(failed).to.deep.include({ status: 'failed', error, failures: 1 });
  });

  it('keeps the reason of a failure while the promise is retried', () => {
    const running = promiseAfter(again(pending, START), { ...start, at: START + 60_000 });
    expect(running).to.deep.include({ lastError: error });
    expect(promiseAfter(running, { ...handBack, attempt: 2 } as PromiseCommand)).to.deep.include({ lastError: error });
  });

  it('fails a child with the failure of its parent as the reason', () => {
    expect(promiseAfter(waiting, abandon)).to.deep.include({ status: 'failed', error, attempts: 0 });
  });
});
