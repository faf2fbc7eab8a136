import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The class name is what TypeORM records: it never changes. */
export class Buttons1764806410000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'messages keep buttons, and whether they were forwarded';

  async up(runner: QueryRunner): Promise<void> {
    // JSON: the buttons below a message.
    await runner.query('ALTER TABLE outbox ADD COLUMN buttons TEXT');
    await runner.query('ALTER TABLE local_messages ADD COLUMN buttons TEXT');
    // 1 where the message was written by somebody else first.
    await runner.query('ALTER TABLE messages ADD COLUMN forwarded SMALLINT');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE messages DROP COLUMN forwarded');
    await runner.query('ALTER TABLE local_messages DROP COLUMN buttons');
    await runner.query('ALTER TABLE outbox DROP COLUMN buttons');
  }
}
