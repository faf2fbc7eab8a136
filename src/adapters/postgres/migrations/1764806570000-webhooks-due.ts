import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The next event to post is found at once, however many wait. The class name is what TypeORM records: it never changes.
 */
export class WebhooksDue1764806570000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'an index of webhook events by when they are due';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("CREATE INDEX webhook_events_due ON webhook_events (due_at) WHERE status = 'pending'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX webhook_events_due');
  }
}
