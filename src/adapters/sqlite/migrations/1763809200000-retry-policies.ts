import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Versions before have stored other settings of the configuration with the retry policy. A process of theirs that still
 * runs goes on to do so: whoever reads a policy takes its two fields alone.
 */
const cleaned = (table: string): string => `UPDATE ${table}
  SET retry = json_object('maxAttempts', coalesce(json_extract(retry, '$.maxAttempts'), 3),
    'backoffMs', coalesce(json_extract(retry, '$.backoffMs'), 60000))
  WHERE EXISTS (SELECT 1 FROM json_each(retry) WHERE key NOT IN ('maxAttempts', 'backoffMs'))`;

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
