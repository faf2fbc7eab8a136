import { expect } from 'chai';
import fc from 'fast-check';
import {
  APPROVAL_STATUSES,
  type Approval,
  type ApprovalCommand,
  type ApprovalStatus,
  isApprovalEnded,
  transitionApproval,
} from '../../../src/domain/index.ts';
import { buildApproval, START, telegramUser } from '../../../src/testing/index.ts';

const ADA = telegramUser(501);
const approve = { type: 'approve', at: START + 9, by: ADA } as const;
const deny = { type: 'deny', at: START + 9, by: 'operator' } as const;
const expire = { type: 'expire', at: START + 100 } as const;
const end = { type: 'end', at: START + 10, isDone: true, outcome: ' closed #7 ' } as const;
const fail = { type: 'end', at: START + 10, isDone: false, outcome: 'not found' } as const;
const lose = { type: 'lose-track', at: START + 10 } as const;
const withdraw = { type: 'withdraw', at: START + 10, outcome: 'its promise was cancelled' } as const;
const commands = { approve, deny, expire, end, fail, lose, withdraw };

const decided = (approval: Approval, ...given: readonly ApprovalCommand[]): Approval =>
  given.reduce((state, command) => {
    const next = transitionApproval(state, command);
    if (!next.ok) throw new Error(next.error.message);
    return next.value;
  }, approval);

const asked = buildApproval({ expiresAt: START + 100 });
const states: Readonly<Record<ApprovalStatus, Approval>> = {
  asked,
  approved: decided(asked, approve),
  denied: decided(asked, deny),
  expired: decided(asked, expire),
  done: decided(asked, approve, end),
  failed: decided(asked, approve, fail),
};

const ENDED = {
  approve: 'already-decided',
  deny: 'already-decided',
  expire: 'already-decided',
  end: 'not-approved',
  fail: 'not-approved',
  lose: 'not-approved',
  withdraw: 'already-decided',
};
/** What each command does in each state: the state that it leads to, or why it is refused. */
const TABLE: Readonly<Record<ApprovalStatus, Readonly<Record<keyof typeof commands, string>>>> = {
  asked: {
    approve: '→ approved',
    deny: '→ denied',
    expire: '→ expired',
    end: 'not-approved',
    fail: 'not-approved',
    lose: 'not-approved',
    withdraw: '→ denied',
  },
  approved: {
    approve: 'already-decided',
    deny: 'already-decided',
    expire: 'already-decided',
    end: '→ done',
    fail: '→ failed',
    lose: '→ failed',
    withdraw: '→ failed',
  },
  denied: ENDED,
  expired: ENDED,
  done: ENDED,
  failed: ENDED,
};

describe('An approval', () => {
  for (const [state, row] of Object.entries(TABLE))
    for (const [command, expected] of Object.entries(row))
      it(`answers the command ${command} to an approval that is ${state} with ${expected}`, () => {
        const result = transitionApproval(states[state as ApprovalStatus], commands[command as keyof typeof commands]);
        expect(result.ok ? `→ ${result.value.status}` : result.error.code).to.equal(
          expected.startsWith('→') ? expected : `approval/${expected}`,
        );
      });

  it('is decided before its time is over, and not at that moment or later', () => {
    for (const type of ['approve', 'deny'] as const) {
      expect(transitionApproval(asked, { type, by: ADA, at: START + 99 }).ok).to.equal(true);
      const late = transitionApproval(asked, { type, by: ADA, at: START + 100 });
      expect(late.ok ? '' : late.error.code).to.equal('approval/expired');
    }
    const early = transitionApproval(asked, { type: 'expire', at: START + 99 });
    expect(early.ok ? '' : early.error.code).to.equal('approval/not-expired');
  });

  it('says who decided to whoever comes later', () => {
    const second = transitionApproval(states.approved, { ...deny, by: telegramUser(502) });
    expect(second.ok ? '' : second.error.message).to.equal('approval #1 was approved; telegram:501 decided');
    const third = transitionApproval(states.denied, approve);
    expect(third.ok ? '' : third.error.message).to.equal('approval #1 was denied; the operator decided');
    const late = transitionApproval(states.expired, approve);
    expect(late.ok ? '' : late.error.message).to.equal('approval #1 expired');
  });

  it('keeps what became of the call, in short, and who decided', () => {
    expect(states.done).to.deep.include({ decidedBy: ADA, decidedAt: START + 9, endedAt: START + 10, outcome: 'closed #7' });
    const long = decided(asked, approve, { ...end, outcome: 'x'.repeat(10_000) });
    expect(long.outcome?.length).to.be.at.most(300);
    expect(decided(asked, withdraw)).to.not.have.property('decidedBy');
    expect(decided(asked, approve, { ...fail, outcome: 'It may have happened.' })).to.not.have.property('isUnknown');
    expect(decided(asked, approve, lose)).to.include({ status: 'failed', isUnknown: true });
  });

  it('whatever is asked of it, in whatever order: it is decided once, ends once, and what was asked stays', () => {
    const command: fc.Arbitrary<ApprovalCommand> = fc
      .tuple(fc.constantFrom(...Object.values(commands)), fc.integer({ min: 0, max: 200 }))
      .map(([each, at]) => ({ ...each, at: START + at }));
    const check = (given: readonly ApprovalCommand[]): void => {
      let state = asked;
      for (const each of given) {
        const next = transitionApproval(state, each);
        if (!next.ok) continue;
        expect(isApprovalEnded(state)).to.equal(false);
        const { status: _, decidedAt: __, decidedBy: ___, endedAt: ____, outcome: _____, ...before } = asked;
        expect(next.value).to.deep.include(before);
        if (next.value.status === 'approved')
          expect([state.status, each.type, each.at < asked.expiresAt]).to.deep.equal(['asked', 'approve', true]);
        if (next.value.status === 'done') expect(state.status).to.equal('approved');
        state = next.value;
      }
      expect(APPROVAL_STATUSES).to.include(state.status);
    };
    fc.assert(fc.property(fc.array(command, { maxLength: 12 }), check), { numRuns: 1_000 });
  });
});
