import { strict as assert } from 'node:assert';
import { randomInt } from 'node:crypto';
import Database from 'better-sqlite3-13';
import pg from 'pg';
import { present } from '../../src/domain/shared/present.ts';
import { makeSeededRandomness } from '../../src/testing/index.ts';
import { makeSite } from '../support/kept-process.ts';
import { freshDatabase } from '../support/postgres.ts';
import { outlastUpgrades, type StoredMessage } from '../support/upgrade-storm.ts';

// Set by the environment for longer runs, as `npm run soak:upgrade` does; KEPT_TEST_SEED repeats one.
const CYCLES = Number(process.env.KEPT_TEST_CYCLES ?? 1);
const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));
/** The program of the version before; this very one if absent. */
const FORMER = process.env.KEPT_TEST_FORMER;
const MAX_PAUSE_MS = Number(process.env.KEPT_TEST_MAX_PAUSE_MS ?? 8_000);

const ALL = 'SELECT chat_id, message_id, text, answers, at FROM local_messages';
const WITH_TEXT = 'SELECT 1 FROM local_messages WHERE text = ';

interface Row {
  readonly chat_id: string;
  readonly message_id: string;
  readonly text: string;
  readonly answers: string;
  readonly at: number | string;
}
const fromRow = ({ chat_id, message_id, text, answers, at }: Row): StoredMessage => ({
  chatId: chat_id,
  messageId: message_id,
  text,
  answers: JSON.parse(answers) as string[],
  at: Number(at),
});

const WHAT = 'to the next version and back, 20 messages a second, with kills: none is lost, none is answered twice';

describe(`An upgrade and its way back (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(180_000 + CYCLES * 60_000);
  const options = () => ({ cycles: CYCLES, randomness: makeSeededRandomness(SEED), ...present({ formerProgram: FORMER }) });

  it(`${WHAT}: on SQLite`, async () => {
    const site = await makeSite({ KEPT_REHEARSAL_PACE_MS: '1' });
    const ask = <T>(sql: string, ...params: string[]): readonly T[] => {
      const database = new Database(site.database, { readonly: true, timeout: 5_000 });
      try {
        return (database.prepare(sql) as unknown as { all(...params: string[]): T[] }).all(...params);
      } finally {
        database.close();
      }
    };
    try {
      const found = await outlastUpgrades({
        ...options(),
        site,
        isRolling: false,
        read: async () => ask<Row>(ALL).map(fromRow),
        isStored: async (text) => ask(`${WITH_TEXT}?`, text).length > 0,
      });
      console.log(`      ${JSON.stringify(found)}`);
      assert.ok(found.kills > 0 && found.stops > 0);
    } finally {
      await site.remove();
    }
  });

  it(`${WHAT}: on PostgreSQL, side by side`, async () => {
    const { url, drop } = await freshDatabase();
    const site = await makeSite({ KEPT_REHEARSAL_PACE_MS: '1', DATABASE_URL: url });
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    try {
      const found = await outlastUpgrades({
        ...options(),
        site,
        isRolling: true,
        read: async () => (await pool.query<Row>(ALL)).rows.map(fromRow),
        isStored: async (text) => (await pool.query(`${WITH_TEXT}$1`, [text])).rows.length > 0,
      });
      console.log(`      ${JSON.stringify(found)}`);
      assert.ok(found.kills > 0 && found.stops > 0);
      assert.ok(found.longestPauseMs <= MAX_PAUSE_MS, `${found.longestPauseMs} ms without an answer at a hand-over`);
    } finally {
      await pool.end();
      await site.remove();
      await drop();
    }
  });
});
