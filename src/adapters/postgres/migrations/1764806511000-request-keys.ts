import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE request_keys (
    -- A hash: nobody can read from it what a client chose.
    key TEXT NOT NULL PRIMARY KEY,
    request TEXT NOT NULL,
    -- Names the effect.
    once TEXT NOT NULL UNIQUE,
    claimed_at bigint NOT NULL,
    claimed_until bigint NOT NULL,
    -- When the effect of the request was stored.
    done_at bigint,
    -- The answer; NULL until there is one.
    status bigint,
    headers TEXT,
    body TEXT
  )`,
  'CREATE INDEX request_keys_by_time ON request_keys (claimed_at)',
];

/** The class name is what TypeORM records: it never changes. */
export class RequestKeys1764806511000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'a table for the idempotency keys of requests';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE request_keys');
  }
}
