import { expect } from 'chai';
import { type CheckStatus, type HealthCheck, readinessOf } from '../../../src/domain/index.ts';

const check = (id: string, status: CheckStatus): HealthCheck => ({ id, status, message: 'because' });

describe('whether a process is ready', () => {
  for (const [id, status, ready] of [
    ['storage.database', 'fail', false],
    ['storage.disk', 'fail', false],
    ['storage.disk', 'warn', true],
    ['gateway.telegram', 'fail', false],
    ['gateway.local', 'fail', false],
    ['gateway.telegram-rights', 'fail', true],
    ['process.leader', 'warn', false],
    ['process.leader', 'ok', true],
    ['gateway.local', 'skipped', true],
    ['model.openai', 'fail', true],
    ['queue.promises', 'warn', true],
  ] as const)
    it(`${ready ? 'holds' : 'does not hold'} while ${id} is ${status}`, () => {
      expect(readinessOf([check('queue.outbox', 'ok'), check(id, status)])).to.deep.equal({
        ready,
        reasons: ready ? [] : [`${id}: because`],
      });
    });
});
