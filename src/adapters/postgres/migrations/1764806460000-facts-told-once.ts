import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // NULL: each such fact is stored.
  'ALTER TABLE audit_log ADD COLUMN once text COLLATE "C"',
  'CREATE UNIQUE INDEX audit_log_by_once ON audit_log (once) WHERE once IS NOT NULL',
];

const DOWN = ['DROP INDEX audit_log_by_once', 'ALTER TABLE audit_log DROP COLUMN once'];

/** The class name is what TypeORM records: it never changes. */
export class FactsToldOnce1764806460000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'facts of the audit log that are told once';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
