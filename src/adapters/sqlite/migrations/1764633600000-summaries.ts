import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What was said first in a conversation, in short. The class name is what TypeORM records: it never changes.
 */
export class Summaries1764633600000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'a table of summaries';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE conversation_summaries (
      chat_id TEXT PRIMARY KEY,
      text TEXT NOT NULL,
      up_to INTEGER NOT NULL, -- the last entry of the conversation that it covers
      made_at INTEGER NOT NULL, -- in ms since 1970
      model TEXT NOT NULL
    ) STRICT`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE conversation_summaries');
  }
}
