import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What quotes a message that is deleted is found by its number. The class name is what TypeORM records: it never
 * changes.
 */
export class MessagesByQuoted1763820000000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'an index of messages by the one that they quote';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX messages_by_quoted ON messages (reply_to, chat_id) WHERE replied IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX messages_by_quoted');
  }
}
