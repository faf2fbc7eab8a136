import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whether a message is one of ours is asked by its number. The class name is what TypeORM records: it never changes.
 */
export class OutboxByMessage1763798400000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'an index of the outbox by sent message';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX outbox_by_message ON outbox (chat_id, sent_message_id) WHERE sent_message_id IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX outbox_by_message');
  }
}
