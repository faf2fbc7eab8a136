import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What tells the outcome of a promise is looked for by its number. The class name is what TypeORM records: it never
 * changes.
 */
export class OutboxByPromise1763794800000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'an index of the outbox by promise';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX outbox_by_promise ON outbox (promise_id) WHERE promise_id IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX outbox_by_promise');
  }
}
