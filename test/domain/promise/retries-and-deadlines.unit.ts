import { expect } from 'chai';
import { type AgentPromise, type PromiseCommand, promiseId, transition } from '../../../src/domain/index.ts';
import { buildPromise, promiseAfter, START } from '../../../src/testing/index.ts';
import { cancel, complete, expire, fail, failed, handBack, pending, refusal, release, retry, running, waiting } from './promise-states.ts';

describe('A retry by hand', () => {
  it('counts failures and lost leases from zero after a retry, and goes on counting attempts', () => {
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

  it('drops a deadline that has passed at a retry, and keeps one that is ahead', () => {
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

  it('forgets at a retry that the last outcome was delivered', () => {
    expect(promiseAfter({ ...failed, deliveredAt: START + 15 } as AgentPromise, retry)).to.not.have.property('deliveredAt');
  });
});

describe('A start that was set for later', () => {
  const later = buildPromise({ notBefore: START + 50, dependsOn: [promiseId(9)] });

  it('keeps a later start when the parents complete before it', () => {
    expect(buildPromise({ notBefore: START + 50 })).to.include({ status: 'pending', dueAt: START + 50 });
    expect(promiseAfter(later, release)).to.include({ status: 'pending', dueAt: START + 50 });
    expect(promiseAfter(later, { ...release, at: START + 60 } as PromiseCommand)).to.include({ dueAt: START + 60 });
  });
});

describe('A deadline', () => {
  const urgent = { deadline: START + 30 };

  for (const [state, promise] of Object.entries({ pending, waiting, running }))
    it(`fails a promise that is ${state} when its deadline has passed`, () => {
      expect(refusal({ ...promise, ...urgent }, { ...expire, at: START + 29 } as PromiseCommand)).to.equal('promise/deadline-ahead');
      expect(promiseAfter({ ...promise, ...urgent }, expire)).to.deep.include({
        status: 'failed',
        completedAt: START + 30,
        error: { code: 'promise/deadline-passed', message: 'It was not done by its deadline.' },
      });
    });

  it('keeps a deadline at a retry before it, and drops it at one after it', () => {
    const missed = { ...failed, deadline: START + 20 };
    expect(promiseAfter(missed, { ...retry, at: START + 19 } as PromiseCommand)).to.include({ deadline: START + 20 });
    expect(promiseAfter(missed, retry)).to.not.have.property('deadline');
  });
});

describe('Progress', () => {
  it('keeps progress only while its attempt runs', () => {
    const telling = { ...running, progress: { text: 'reading', at: START + 3 } } as AgentPromise;
    for (const command of [complete, fail, handBack, cancel]) expect(promiseAfter(telling, command)).to.not.have.property('progress');
  });
});
