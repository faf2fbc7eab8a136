import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A promise or a message is in those indexes alone that its state needs: most of what a change of state costs are its
 * indexes.
 */
const UP = [
  // Touched when a promise is made and when it settles, and not in between.
  'CREATE INDEX promises_open ON promises (id) WHERE completed_at IS NULL',
  `CREATE INDEX promises_waiting ON promises (id) WHERE status = 'waiting'`,
  'DROP INDEX promises_by_status',
  `CREATE INDEX promises_by_status ON promises (status, id) WHERE status = 'completed' OR status = 'failed' OR status = 'cancelled'`,
  'DROP INDEX promises_in_progress',
  'DROP INDEX outbox_by_status',
  `CREATE INDEX outbox_by_status ON outbox (status) WHERE status = 'sent' OR status = 'failed'`,
];

const DOWN = [
  'DROP INDEX outbox_by_status',
  'CREATE INDEX outbox_by_status ON outbox (status)',
  `CREATE INDEX promises_in_progress ON promises (id) WHERE status = 'in_progress'`,
  'DROP INDEX promises_by_status',
  'CREATE INDEX promises_by_status ON promises (status)',
  'DROP INDEX promises_waiting',
  'DROP INDEX promises_open',
];

/** The class name is what TypeORM records: it never changes. */
export class IndexesByState1763805600000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'indexes by state';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
