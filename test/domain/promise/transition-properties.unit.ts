import { expect } from 'chai';
import fc from 'fast-check';
import {
  type AgentPromise,
  approvalId,
  isSettled,
  makePromise,
  type PromiseCommand,
  promiseId,
  transition,
} from '../../../src/domain/index.ts';
import { buildPromise, START } from '../../../src/testing/index.ts';
import { faultsOfStep } from '../../support/promise-steps.ts';

const LEASE_MS = 30_000;

/** A command before its time and its claim are known. `claim` picks among all the claims ever made, by whomever. */
type Move =
  | { readonly type: 'start'; readonly worker: number }
  | { readonly type: 'complete' | 'hand-back' | 'await-approval'; readonly claim: number }
  | { readonly type: 'go-on'; readonly approval: number }
  | { readonly type: 'fail'; readonly claim: number; readonly retryable: boolean; readonly jitter: number }
  | { readonly type: 'release' | 'cancel' | 'abandon' | 'expire' | 'retry' };

const moves: fc.Arbitrary<readonly [Move, number]> = fc.tuple(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('start' as const), worker: fc.integer({ min: 1, max: 3 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constantFrom('complete' as const, 'hand-back' as const, 'await-approval' as const),
        claim: fc.nat(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('go-on' as const), approval: fc.integer({ min: 1, max: 3 }) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('fail' as const),
        claim: fc.nat(),
        retryable: fc.boolean(),
        jitter: fc.double({ min: 0, max: 0.999, noNaN: true }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constantFrom(...(['release', 'cancel', 'abandon', 'expire', 'retry', 'retry'] as const)) }),
    },
  ),
  // Clocks are put right now and then, also backwards.
  fc.constantFrom(0, 1, 1_000, LEASE_MS, 75_000, 200_000, -1, -40_000),
);

/** Terms that bear on when it may run. */
const terms = fc.record(
  {
    dependsOn: fc.constantFrom([], [promiseId(9)]),
    retry: fc.record({ maxAttempts: fc.integer({ min: 1, max: 4 }), backoffMs: fc.constant(1_000) }),
    notBefore: fc.constantFrom(START, START + 100_000),
    deadline: fc.constantFrom(START + 1, START + 150_000, START + 500_000),
  },
  { requiredKeys: ['dependsOn', 'retry'] },
);

interface Claim {
  readonly workerId: string;
  readonly attempt: number;
}

/** One accepted step: what it was, whose claim it used, and the claim that held just before it. */
interface Step {
  readonly before: AgentPromise;
  readonly command: PromiseCommand;
  readonly after: AgentPromise;
  readonly usedClaim?: number;
  readonly liveClaim?: number;
}

interface History {
  readonly steps: readonly Step[];
  readonly claims: readonly Claim[];
  readonly end: AgentPromise;
}

const history = fc.tuple(fc.array(moves, { maxLength: 40 }), terms, fc.boolean()).map(([moves, terms, isAsked]): History => {
  const claims: Claim[] = [];
  const steps: Step[] = [];
  let promise = isAsked ? makePromise(buildPromise(terms), approvalId(1)) : buildPromise(terms);
  let liveClaim: number | undefined;
  let at = START;
  for (const [move, elapsedMs] of moves) {
    at += elapsedMs;
    const usedClaim = 'claim' in move && claims.length > 0 ? move.claim % claims.length : undefined;
    const command = commandOf(move, at, usedClaim === undefined ? undefined : claims[usedClaim]);
    if (!command) continue;
    const result = transition(promise, command);
    if (!result.ok) continue;
    steps.push({
      before: promise,
      command,
      after: result.value,
      ...(usedClaim !== undefined && { usedClaim }),
      ...(liveClaim !== undefined && { liveClaim }),
    });
    promise = result.value;
    if (command.type === 'start') claims.push({ workerId: command.workerId, attempt: promise.attempts });
    liveClaim = promise.status === 'in_progress' ? claims.length - 1 : undefined;
    // Who hands a promise back has ended the work on it, and says nothing of it any more.
    if (command.type === 'hand-back' && usedClaim !== undefined) claims[usedClaim] = { workerId: 'nobody', attempt: 0 };
  }
  return { steps, claims, end: promise };
});

const commandOf = (move: Move, at: number, claim: Claim | undefined): PromiseCommand | undefined => {
  const error = { code: 'unavailable', message: 'down' };
  switch (move.type) {
    case 'start':
      return { type: 'start', at, workerId: `w${move.worker}`, leaseMs: LEASE_MS };
    case 'complete':
      return claim && { type: 'complete', at, ...claim, result: 'done' };
    case 'hand-back':
      return claim && { type: 'hand-back', at, ...claim };
    case 'await-approval':
      return claim && { type: 'await-approval', at, ...claim, approvalId: approvalId((claim.attempt % 3) + 1) };
    case 'go-on':
      return { type: 'go-on', at, approvalId: approvalId(move.approval) };
    case 'fail':
      return claim && { type: 'fail', at, ...claim, error, retryable: move.retryable, jitter: move.jitter };
    case 'release':
    case 'expire':
    case 'retry':
      return { type: move.type, at };
    case 'cancel':
      return { type: 'cancel', at, reason: 'no need' };
    case 'abandon':
      return { type: 'abandon', at, error };
  }
};

const always = (check: (history: History) => void): void => fc.assert(fc.property(history, check), { numRuns: 2_000 });

describe('whatever is asked of a promise, in whatever order and at whatever time', () => {
  it('every step is in the table, its terms stand, and its counts never fall but where they are meant to', () => {
    always(({ steps }) => {
      for (const { before, after } of steps) expect(faultsOfStep(before, after)).to.deep.equal([]);
    });
  });

  it('it expires at its deadline and not before; a retry by hand lets go of a deadline that has passed, and of no other', () => {
    always(({ steps }) => {
      for (const { before, command, after } of steps) {
        if (command.type === 'expire') expect(before.deadline).to.be.at.most(command.at);
        const isMissed = before.deadline !== undefined && before.deadline <= command.at;
        expect(after.deadline).to.equal(command.type === 'retry' && isMissed ? undefined : before.deadline);
      }
    });
  });

  it('it does not start before it may, however often it was tried, handed back or retried before', () => {
    always(({ steps }) => {
      for (const { before, command } of steps)
        if (command.type === 'start' && before.status === 'pending')
          expect(command.at).to.be.at.least(Math.max(before.dueAt, before.notBefore ?? 0));
    });
  });

  it('a settled promise never runs, and changes only by being retried by hand', () => {
    always(({ steps }) => {
      for (const { before, command } of steps)
        if (isSettled(before)) {
          expect(command.type).to.equal('retry');
          expect(before.status).to.not.equal('completed');
        }
    });
  });

  it('attempts never exceed claims', () => {
    always(({ claims, end }) => {
      expect(end.attempts).to.be.at.most(claims.length);
      expect(end.attempts).to.be.at.least(0);
      expect(end.lostLeases).to.be.at.most(end.attempts);
    });
  });

  it('only the claim that holds the promise ends its run: a stale worker never does', () => {
    always(({ steps }) => {
      for (const { command, usedClaim, liveClaim } of steps)
        if (['complete', 'fail', 'hand-back', 'await-approval'].includes(command.type)) expect(usedClaim).to.equal(liveClaim);
    });
  });

  it('two claims never hold it at a time: it starts when nobody holds it, or when the lease has run out', () => {
    always(({ steps }) => {
      for (const { before, command } of steps)
        if (command.type === 'start' && before.status === 'in_progress') expect(before.lease.expiresAt).to.be.at.most(command.at);
    });
  });

  it('what ends over its worker’s head is not tried again before the lease of that run has run out; what its worker ends is, at once', () => {
    always(({ steps }) => {
      for (const { before, command, after } of steps) {
        const cutShort = before.status === 'in_progress' && (command.type === 'cancel' || command.type === 'expire');
        if (isSettled(after)) expect('lease' in after && after.lease).to.deep.equal(cutShort ? before.lease : false);
        if (command.type === 'retry' && 'lease' in before && before.lease) expect(before.lease.expiresAt).to.be.at.most(command.at);
      }
    });
  });

  it('retries stop at maxAttempts: so many failures, and it is failed for good', () => {
    always(({ steps }) => {
      let failures = 0;
      for (const { command, after } of steps) {
        if (command.type === 'retry') failures = 0;
        if (command.type !== 'fail') continue;
        failures++;
        expect(failures).to.be.at.most(after.retry.maxAttempts);
        expect(after.status).to.equal(command.retryable && failures < after.retry.maxAttempts ? 'pending' : 'failed');
      }
    });
  });

  it('a retry is never due before its back-off has passed', () => {
    always(({ steps }) => {
      for (const { command, after } of steps)
        if (command.type === 'fail' && after.status === 'pending') {
          const least = after.retry.backoffMs * 2 ** (after.failures - 1);
          const notBefore = after.notBefore ?? 0;
          expect(after.dueAt).to.be.within(Math.max(notBefore, command.at + least), Math.max(notBefore, command.at + least * 1.25));
        }
    });
  });

  it('nothing that waits runs before it is released, and what waits for an approval not before the decision on that one', () => {
    always(({ steps }) => {
      for (const { before, command } of steps) {
        if (before.status !== 'waiting') continue;
        expect(command.type).to.be.oneOf(['release', 'go-on', 'abandon', 'cancel', 'expire']);
        expect(command.type).to.not.equal(before.approvalId === undefined ? 'go-on' : 'release');
        if (command.type === 'go-on') expect(command.approvalId).to.equal(before.approvalId);
      }
    });
  });
});
