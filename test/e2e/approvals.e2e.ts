import { randomInt } from 'node:crypto';
import { makeSeededRandomness } from '../../src/testing/index.ts';
import { openApprovalStorm } from '../support/approval-storm.ts';

// Set by the environment for longer runs, as `npm run soak:approvals` does; KEPT_TEST_SEED repeats one.
const TAPS = Number(process.env.KEPT_TEST_TAPS ?? 1_000);
const KILLS = Number(process.env.KEPT_TEST_KILLS ?? 4);
const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));

describe(`approvals under kill -9 (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(60_000 + TAPS * 60 + KILLS * 5_000);

  it('taps by the wrong person, from another chat, forged, late, twice or for a changed call have no effect; a right one has one', async () => {
    const storm = await openApprovalStorm({ taps: TAPS, kills: KILLS, randomness: makeSeededRandomness(SEED) });
    try {
      console.log(`      ${await storm.outlast()}`);
    } finally {
      await storm.close();
    }
  });
});
