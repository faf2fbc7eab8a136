import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['promises', 'schedules', 'outbox', 'facts', 'links', 'conversation_summaries'];

/**
 * Where words come from, as JSON; those of a conversation stand in its steps. Rows of before have none.
 * The class name is what TypeORM records: it never changes.
 */
export class Provenance1764806430000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`ALTER TABLE ${table} ADD COLUMN provenance TEXT`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`ALTER TABLE ${table} DROP COLUMN provenance`);
  }
}
