import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The class name is what TypeORM records: it never changes. */
export class Pairings1764806450000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'a table of pairings';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE pairings (
      user_id TEXT NOT NULL PRIMARY KEY,
      chat_id TEXT NOT NULL,
      username TEXT,
      display_name TEXT,
      code TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('asked', 'paired', 'revoked')),
      asked_at INTEGER NOT NULL,
      decided_at INTEGER,
      decided_by TEXT
    ) STRICT`);
    await runner.query('CREATE UNIQUE INDEX pairings_by_code ON pairings (code)');
    await runner.query('CREATE INDEX pairings_by_status ON pairings (status, asked_at)');
    await runner.query('CREATE INDEX pairings_by_age ON pairings (asked_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pairings');
  }
}
