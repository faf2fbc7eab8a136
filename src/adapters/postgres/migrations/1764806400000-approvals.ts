import type { MigrationInterface, QueryRunner } from 'typeorm';

const TEXT = 'text COLLATE "C"';
const UP = [
  'CREATE SEQUENCE approval_numbers',
  'CREATE SEQUENCE standing_numbers',
  `CREATE TABLE approvals (
    id bigint PRIMARY KEY,
    chat_id ${TEXT} NOT NULL,
    chat_kind ${TEXT} NOT NULL,
    message_id ${TEXT},
    promise_id bigint NOT NULL,
    call_key ${TEXT}, -- NULL: the promise is that one call
    tool ${TEXT} NOT NULL,
    input text NOT NULL, -- JSON
    directory text NOT NULL,
    digest ${TEXT} NOT NULL,
    agent ${TEXT} NOT NULL,
    requested_by text NOT NULL, -- JSON
    labels text NOT NULL, -- JSON
    reason text NOT NULL,
    token ${TEXT} NOT NULL,
    asked_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    status ${TEXT} NOT NULL,
    decided_at bigint,
    decided_by ${TEXT},
    ended_at bigint,
    outcome text
  )`,
  'CREATE INDEX approvals_by_promise ON approvals (promise_id, id)',
  'CREATE INDEX approvals_by_chat ON approvals (chat_id, id)',
  `CREATE INDEX approvals_asked ON approvals (expires_at, id) WHERE status = 'asked'`,
  `CREATE TABLE standing_approvals (
    id bigint PRIMARY KEY,
    tool ${TEXT} NOT NULL,
    directory text NOT NULL,
    chat_id ${TEXT} NOT NULL,
    given_by ${TEXT} NOT NULL,
    given_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    approval_id bigint NOT NULL,
    revoked_at bigint,
    revoked_by ${TEXT}
  )`,
  'CREATE INDEX standing_approvals_by_chat ON standing_approvals (chat_id, tool, id)',
  // The approval that a promise waits for.
  'ALTER TABLE promises ADD COLUMN approval_id bigint',
];
const DOWN = [
  // What waits for a decision would be run, or wait for ever; and so would what waits for that.
  `WITH RECURSIVE lost (id) AS (SELECT id FROM promises WHERE status = 'waiting' AND approval_id IS NOT NULL
      UNION SELECT promise_id FROM promise_dependencies JOIN lost ON parent_id = lost.id)
    UPDATE promises SET status = 'cancelled', error_message = 'Nobody had approved it.',
    completed_at = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    WHERE status = 'waiting' AND id IN (SELECT id FROM lost)`,
  'ALTER TABLE promises DROP COLUMN approval_id',
  'DROP TABLE standing_approvals',
  'DROP TABLE approvals',
  'DROP SEQUENCE approval_numbers',
  'DROP SEQUENCE standing_numbers',
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
