import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The class name is what the database keeps: it never changes. */
export class Phases1764806500000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'the database keeps which of its migrations an older version can run with';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE schema_phases (
      name TEXT NOT NULL PRIMARY KEY,
      phase TEXT NOT NULL,
      needs TEXT, -- of a contraction: the migration that code must know to work with it
      version TEXT -- of the Kept that ran it
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE schema_phases');
  }
}
