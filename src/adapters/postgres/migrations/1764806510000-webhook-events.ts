import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE webhook_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- What the receiver knows it by.
    event_id TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    type TEXT NOT NULL,
    chat_id TEXT,
    promise_id bigint,
    fact TEXT NOT NULL,
    at bigint NOT NULL,
    since bigint NOT NULL,
    attempts bigint NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    due_at bigint,
    failed_at bigint,
    ended_at bigint,
    last_error TEXT
  )`,
  `CREATE INDEX webhook_events_pending ON webhook_events (id) WHERE status = 'pending'`,
  `CREATE INDEX webhook_events_by_subject ON webhook_events (subject, id) WHERE status = 'pending'`,
  `CREATE INDEX webhook_events_since ON webhook_events (since) WHERE status = 'pending'`,
  `CREATE INDEX webhook_events_by_status ON webhook_events (status, id)`,
  `CREATE INDEX webhook_events_failed ON webhook_events (failed_at) WHERE last_error IS NOT NULL`,
  `CREATE INDEX webhook_events_ended ON webhook_events (ended_at) WHERE ended_at IS NOT NULL`,
];

/** The class name is what TypeORM records: it never changes. */
export class WebhookEvents1764806510000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'a table for the events that are posted to the receiver of webhooks';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE webhook_events');
  }
}
