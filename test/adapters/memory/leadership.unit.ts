import { makeMemoryLeadership } from '../../../src/adapters/memory/index.ts';
import { leadershipContract, makeFixedClock } from '../../../src/testing/index.ts';
import { certify } from '../../support/contract.ts';

certify('Leadership: memory', leadershipContract, () => {
  const clock = makeFixedClock();
  return { subject: { leadership: makeMemoryLeadership(clock), pass: async (ms) => clock.advance(ms) }, close: () => undefined };
});
