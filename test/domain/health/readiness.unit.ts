import { expect } from 'chai';
import { type CheckStatus, readinessOf, type UnreadyFrom } from '../../../src/domain/index.ts';

const reading = (id: string, status: CheckStatus, unreadyFrom?: UnreadyFrom) => ({
  check: { id, status, message: 'because' },
  ...(unreadyFrom ? { unreadyFrom } : {}),
});

describe('whether a process is ready', () => {
  for (const [status, from, ready] of [
    ['fail', 'fail', false],
    ['warn', 'fail', true],
    ['skipped', 'fail', true],
    ['fail', 'warn', false],
    ['warn', 'warn', false],
    ['ok', 'warn', true],
    ['skipped', 'warn', true],
    ['fail', undefined, true],
  ] as const)
    it(`${ready ? 'holds' : 'does not hold'} while what is needed ${from ? `from ${from} on` : 'by nobody'} is ${status}`, () => {
      expect(readinessOf([reading('queue.outbox', 'fail'), reading('gateway.pigeons', status, from)])).to.deep.equal({
        ready,
        reasons: ready ? [] : ['gateway.pigeons: because'],
      });
    });
});
