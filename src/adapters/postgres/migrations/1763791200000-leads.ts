import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The class name is what TypeORM records: it never changes. */
export class Leads1763791200000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'a table of which bot leads';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE leads (name text PRIMARY KEY, holder text NOT NULL, expires_at timestamptz NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE leads');
  }
}
