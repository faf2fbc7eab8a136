import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The class name is what TypeORM records: it never changes. */
export class FilesOfMessages1764720000000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'messages keep their files';

  async up(runner: QueryRunner): Promise<void> {
    // JSON: what became of the attachments of a message, and where their files are.
    await runner.query('ALTER TABLE messages ADD COLUMN files TEXT');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE messages DROP COLUMN files');
  }
}
