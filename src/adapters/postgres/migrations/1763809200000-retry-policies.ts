import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Versions before have stored other settings of the configuration with the retry policy. A process of theirs that still
 * runs goes on to do so: whoever reads a policy takes its two fields alone. Rows are locked by their ids, as such a
 * process does.
 */
const cleaned = (table: string): string => `UPDATE ${table}
  SET retry = '{"maxAttempts":' || coalesce(retry::json ->> 'maxAttempts', '3') ||
    ',"backoffMs":' || coalesce(retry::json ->> 'backoffMs', '60000') || '}'
  WHERE id IN (SELECT id FROM ${table} WHERE retry::jsonb - 'maxAttempts' - 'backoffMs' <> '{}' ORDER BY id FOR UPDATE)`;

/** The class name is what TypeORM records: it never changes. */
export class RetryPolicies1763809200000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'what belongs to no retry policy is cleared away';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['promises', 'schedules']) await runner.query(cleaned(table));
  }

  async down(): Promise<void> {
    // What was cleared away belonged to no promise: the version before does without it.
  }
}
