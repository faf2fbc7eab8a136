import { randomInt } from 'node:crypto';
import { makeSeededRandomness } from '../../src/testing/index.ts';
import { openApprovalStorm } from '../support/approval-storm.ts';

// Set by the environment for longer runs, as `npm run soak:approvals` does; KEPT_TEST_SEED repeats one.
const TAPS = Number(process.env.KEPT_TEST_TAPS ?? 300);
const KILLS = Number(process.env.KEPT_TEST_KILLS ?? 2);
const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));

describe(`approvals under kill -9 (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(120_000 + TAPS * 60 + KILLS * 10_000);

  it('taps of cards by whom or for what they may not be have no effect; a right one has one; no card says what is not so', async () => {
    const storm = await openApprovalStorm({ taps: TAPS, kills: KILLS, randomness: makeSeededRandomness(SEED) });
    try {
      console.log(`      ${await storm.outlast()}`);
    } finally {
      await storm.close();
    }
  });
});
