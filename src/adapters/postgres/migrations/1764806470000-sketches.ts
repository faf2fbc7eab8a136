import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The class name is what TypeORM records: it never changes. */
export class Sketches1764806470000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'a table of measured durations';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE sketches (
      id text COLLATE "C" NOT NULL PRIMARY KEY,
      from_at bigint NOT NULL,
      until_at bigint NOT NULL,
      version integer NOT NULL,
      is_merged integer NOT NULL CHECK (is_merged IN (0, 1)),
      body text NOT NULL
    )`);
    await runner.query('CREATE INDEX sketches_by_time ON sketches (until_at, id)');
    await runner.query('CREATE INDEX sketches_unmerged ON sketches (version, until_at, id) WHERE is_merged = 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE sketches');
  }
}
