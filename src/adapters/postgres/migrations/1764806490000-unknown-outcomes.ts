import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Before, the beginning of a sentence said it. */
const UP = [
  'ALTER TABLE approvals ADD COLUMN is_unknown smallint',
  `UPDATE approvals SET is_unknown = 1 WHERE status = 'failed' AND outcome LIKE 'It may have happened.%'`,
  `UPDATE run_steps SET body = '{"isInterrupted":true,' || substr(body, 2)
    WHERE outcome = 'unknown' AND body LIKE '%"output":"The process ended while %'`,
];

const DOWN = [
  `UPDATE run_steps SET body = '{' || substr(body, 23) WHERE outcome = 'unknown' AND body LIKE '{"isInterrupted":true,%'`,
  'ALTER TABLE approvals DROP COLUMN is_unknown',
];

/** The class name is what TypeORM records: it never changes. */
export class UnknownOutcomes1764806490000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'approvals and steps say whether their outcome is unknown';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
