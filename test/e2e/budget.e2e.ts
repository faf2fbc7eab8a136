import { randomInt } from 'node:crypto';
import { makeSeededRandomness } from '../../src/testing/index.ts';
import { outlastBudget } from '../support/budget-storm.ts';
import { freshDatabase, postgresServer } from '../support/postgres.ts';

// Set by the environment for longer runs, as `npm run soak:budget` does; KEPT_TEST_SEED repeats one.
const SIZE = {
  promises: Number(process.env.KEPT_TEST_PROMISES ?? 12),
  admitted: Number(process.env.KEPT_TEST_ADMITTED ?? 5),
  kills: Number(process.env.KEPT_TEST_KILLS ?? 2),
  workers: Number(process.env.KEPT_TEST_WORKERS ?? 2),
};
const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));
const WHAT = `of ${SIZE.promises} runs at once, a budget for ${SIZE.admitted} admits exactly these, and the ledger tells what they used`;

describe(`a budget under kill -9 (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(180_000 + SIZE.kills * 15_000);

  it(`${WHAT}: on SQLite`, async () => {
    console.log(`      ${await outlastBudget(SIZE, makeSeededRandomness(SEED))}`);
  });

  it(`${WHAT}: on PostgreSQL`, async () => {
    const { url, drop } = await freshDatabase(await postgresServer());
    try {
      console.log(`      ${await outlastBudget(SIZE, makeSeededRandomness(SEED), { DATABASE_URL: url })}`);
    } finally {
      await drop();
    }
  });
});
