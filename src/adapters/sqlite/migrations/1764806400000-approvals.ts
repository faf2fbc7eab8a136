import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `INSERT INTO counters (name, value) VALUES ('approval', 0), ('standing', 0)`,
  `CREATE TABLE approvals (
    id INTEGER PRIMARY KEY,
    chat_id TEXT NOT NULL,
    chat_kind TEXT NOT NULL,
    message_id TEXT,
    promise_id INTEGER NOT NULL,
    call_key TEXT, -- NULL: the promise is that one call
    tool TEXT NOT NULL,
    input TEXT NOT NULL, -- JSON
    directory TEXT NOT NULL,
    digest TEXT NOT NULL,
    agent TEXT NOT NULL,
    requested_by TEXT NOT NULL, -- JSON
    labels TEXT NOT NULL, -- JSON
    reason TEXT NOT NULL,
    token TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    decided_at INTEGER,
    decided_by TEXT,
    ended_at INTEGER,
    outcome TEXT
  ) STRICT`,
  'CREATE INDEX approvals_by_promise ON approvals (promise_id, id)',
  'CREATE INDEX approvals_by_chat ON approvals (chat_id, id)',
  `CREATE INDEX approvals_asked ON approvals (expires_at, id) WHERE status = 'asked'`,
  `CREATE TABLE standing_approvals (
    id INTEGER PRIMARY KEY,
    tool TEXT NOT NULL,
    directory TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    given_by TEXT NOT NULL,
    given_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    approval_id INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_by TEXT
  ) STRICT`,
  'CREATE INDEX standing_approvals_by_chat ON standing_approvals (chat_id, tool, id)',
  // The approval that a promise waits for.
  'ALTER TABLE promises ADD COLUMN approval_id INTEGER',
];
const DOWN = [
  // What waits for a decision would be run, or wait for ever; and so would what waits for that.
  `WITH RECURSIVE lost (id) AS (SELECT id FROM promises WHERE status = 'waiting' AND approval_id IS NOT NULL
      UNION SELECT promise_id FROM promise_dependencies JOIN lost ON parent_id = lost.id)
    UPDATE promises SET status = 'cancelled', completed_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), error_message = 'Nobody had approved it.'
    WHERE status = 'waiting' AND id IN (SELECT id FROM lost)`,
  'ALTER TABLE promises DROP COLUMN approval_id',
  'DROP TABLE standing_approvals',
  'DROP TABLE approvals',
  `DELETE FROM counters WHERE name IN ('approval', 'standing')`,
];

/** The class name is what TypeORM records: it never changes. */
export class Approvals1764806400000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'tables for approvals and standing approvals';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
