import { makeMemoryLeaderLease } from '../../../src/adapters/memory/index.ts';
import { leaderLeaseContract, makeFixedClock } from '../../../src/testing/index.ts';
import { certify } from '../../support/contract.ts';

certify('Leadership: memory', leaderLeaseContract, () => {
  const clock = makeFixedClock();
  return { subject: { leaderLease: makeMemoryLeaderLease(clock), pass: async (ms) => clock.advance(ms) }, close: () => undefined };
});
