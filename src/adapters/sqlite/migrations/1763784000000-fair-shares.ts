import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  'DROP INDEX promises_claimable',
  // A claim seeks to each priority and type, and reads only the promises that it takes.
  `CREATE INDEX promises_claimable ON promises (priority, task_type, claimable_at, id) WHERE claimable_at IS NOT NULL`,
  // It leaps over the promises of a tenant that has all its places, to the next tenant's.
  `CREATE INDEX promises_pending ON promises (priority, tenant, task_type, due_at, id) WHERE status = 'pending'`,
];

const DOWN = [
  'DROP INDEX promises_pending',
  'DROP INDEX promises_claimable',
  `CREATE INDEX promises_claimable ON promises (priority, claimable_at, id) WHERE claimable_at IS NOT NULL`,
];

/** The class name is what TypeORM records: it never changes. */
export class FairShares1763784000000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'indexes by which workspaces share the workers';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
