import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The chats, and the conversation of each, are read in pages, however long they are. The class name is what TypeORM
 * records: it never changes.
 */
export class DeskIndexes1764806560000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'indexes of messages and of the outbox by chat';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX messages_by_chat ON messages (chat_id, sequence)');
    await runner.query('CREATE INDEX outbox_by_chat ON outbox (chat_id, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX outbox_by_chat');
    await runner.query('DROP INDEX messages_by_chat');
  }
}
