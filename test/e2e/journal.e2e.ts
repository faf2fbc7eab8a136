import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { makeSeededRandomness } from '../../src/testing/index.ts';
import { openJournalStorm } from '../support/journal-storm.ts';
import { freshDatabase, startServer } from '../support/postgres.ts';

// Set by the environment for longer runs, as `npm run soak:journal` does; KEPT_TEST_SEED repeats one.
const SIZE = {
  chats: Number(process.env.KEPT_TEST_CHATS ?? 2),
  promises: Number(process.env.KEPT_TEST_PROMISES ?? 2),
  steps: Number(process.env.KEPT_TEST_STEPS ?? 4),
  kills: Number(process.env.KEPT_TEST_KILLS ?? 3),
};
const WORKERS = Number(process.env.KEPT_TEST_WORKERS ?? 2);
const RESTARTS = Number(process.env.KEPT_TEST_RESTARTS ?? 1);
const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));
const WHAT = 'each reply is paid once but for those in flight, each act is done once or told as unknown, each message has one answer';

describe(`the journal under kill -9 (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(240_000 + SIZE.kills * 15_000);

  it(`${WHAT}: on SQLite, in one process`, async () => {
    const storm = await openJournalStorm({
      size: { ...SIZE, restarts: 0 },
      roles: { all: 'start' },
      randomness: makeSeededRandomness(SEED),
    });
    try {
      console.log(`      ${await storm.outlast()}`);
    } finally {
      await storm.close();
    }
  });

  it(`${WHAT}: on PostgreSQL, with a bot and ${WORKERS} workers, and ${RESTARTS} restarts of the server`, async () => {
    const server = await startServer();
    const { url } = await freshDatabase(server);
    const randomness = makeSeededRandomness(SEED);
    const storm = await openJournalStorm({
      size: { ...SIZE, restarts: RESTARTS },
      roles: { bot: 'bot', ...Object.fromEntries(Array.from({ length: WORKERS }, (_, i) => [`worker${i + 1}`, 'worker' as const])) },
      randomness,
      env: { DATABASE_URL: url, PROMISE_BACKOFF_SECONDS: '1' },
      restart: async () => {
        if (randomness.fraction() < 0.5) await server.kill();
        else await server.stop();
        await wait(randomness.fraction() * 1_000);
        await server.start();
      },
    });
    try {
      console.log(`      ${await storm.outlast()}`);
    } finally {
      await storm.close();
    }
  });
});
