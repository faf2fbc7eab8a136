import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `ALTER TABLE messages ADD COLUMN reply_random_id TEXT NOT NULL DEFAULT ''`,
  // Messages that wait were received before each had one.
  `UPDATE messages SET reply_random_id = CAST(random() AS TEXT)`,

  `CREATE TABLE gateway_state (
    gateway TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (gateway, key)
  ) STRICT, WITHOUT ROWID`,

  `CREATE TABLE username_pins (
    username TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,

  // A chat's conversation begins behind this entry.
  `CREATE TABLE forgotten_conversations (
    chat_id INTEGER PRIMARY KEY,
    up_to INTEGER NOT NULL
  ) STRICT`,

  `CREATE INDEX turns_by_chat ON turns (chat_id, ended_at)`,
];

const DOWN = [
  'DROP INDEX turns_by_chat',
  'DROP TABLE forgotten_conversations',
  'DROP TABLE username_pins',
  'DROP TABLE gateway_state',
  'ALTER TABLE messages DROP COLUMN reply_random_id',
];

/** The class name is what TypeORM records: it never changes. */
export class GatewayTables1763773200000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'tables for what gateways remember, and for names of people';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
