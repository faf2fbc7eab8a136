import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is in progress, and what is a tenant's, is listed by number. The class name is what TypeORM records: it never
 * changes.
 */
export class PromisesAtHand1763802000000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'an index of promises that are at hand';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX promises_in_progress ON promises (id) WHERE status = 'in_progress'`);
    await runner.query('CREATE INDEX promises_by_tenant ON promises (tenant, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX promises_by_tenant');
    await runner.query('DROP INDEX promises_in_progress');
  }
}
