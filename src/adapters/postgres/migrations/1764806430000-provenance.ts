import type { MigrationInterface, QueryRunner } from 'typeorm';

const UNKNOWN = '{"labels":["unknown"],"isPrivate":true}';
const DERIVED = ['outbox', 'facts', 'links', 'conversation_summaries'];
const TABLES = ['promises', 'schedules', 'outbox', 'facts', 'links', 'conversation_summaries'];

/**
 * Where words come from, as JSON; those of a conversation stand in its steps. Of what models had led to before, the
 * source is unknown. What is still to be done stands by who asked for it, and has none.
 * The class name is what TypeORM records: it never changes.
 */
export class Provenance1764806430000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'what is stored keeps where it came from';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`ALTER TABLE ${table} ADD COLUMN provenance TEXT`);
    for (const table of DERIVED) await runner.query(`UPDATE ${table} SET provenance = '${UNKNOWN}'`);
    await runner.query(`UPDATE promises SET provenance = '${UNKNOWN}' WHERE status IN ('completed', 'failed', 'cancelled')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`ALTER TABLE ${table} DROP COLUMN provenance`);
  }
}
