import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What became of answers that claimed work that was not promised. The class name is what TypeORM records: it never
 * changes.
 */
export class GateOfTurns1763787600000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'turns keep what the gate of promises found';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE turns ADD COLUMN gate TEXT');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE turns DROP COLUMN gate');
  }
}
