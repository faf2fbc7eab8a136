import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What was said first in a conversation, in short. The class name is what TypeORM records: it never changes.
 */
export class Summaries1764633600000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'a table of summaries';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE conversation_summaries (
      chat_id text PRIMARY KEY,
      text text NOT NULL,
      up_to bigint NOT NULL, -- the last entry of the conversation that it covers
      made_at bigint NOT NULL, -- in ms since 1970
      model text NOT NULL
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE conversation_summaries');
  }
}
