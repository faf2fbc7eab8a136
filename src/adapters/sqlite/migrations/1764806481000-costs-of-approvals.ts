import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The class name is what TypeORM records: it never changes. */
export class CostsOfApprovals1764806481000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'approvals get a column for their cost';

  async up(runner: QueryRunner): Promise<void> {
    // In millionths of a dollar; NULL: nothing, or not known.
    await runner.query('ALTER TABLE approvals ADD COLUMN cost INTEGER');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE approvals DROP COLUMN cost');
  }
}
