import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Times that are compared are INTEGER, in ms since 1970; `promises.created_at` and `completed_at` are ISO 8601 in UTC,
 * for people and scripts that read the table. Columns that hold JSON say so.
 */
const TABLES = [
  `CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `INSERT INTO counters (name, value) VALUES ('promise', 0)`,

  `CREATE TABLE promises (
    id INTEGER PRIMARY KEY,
    chat_id INTEGER NOT NULL,
    message_id INTEGER,
    task_description TEXT NOT NULL,
    task_type TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    completed_at TEXT,
    result_summary TEXT,
    error_message TEXT,
    metadata TEXT NOT NULL, -- JSON
    error_code TEXT,
    last_error TEXT, -- JSON: of the attempt before
    requested_by TEXT NOT NULL, -- JSON
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 10),
    retry TEXT NOT NULL, -- JSON
    idempotency_key TEXT,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    lost_leases INTEGER NOT NULL,
    version INTEGER NOT NULL,
    due_at INTEGER,
    started_at INTEGER,
    lease_worker TEXT,
    lease_expires_at INTEGER,
    delivered_at INTEGER,
    claimable_at INTEGER AS (CASE status WHEN 'pending' THEN due_at WHEN 'in_progress' THEN lease_expires_at END)
  ) STRICT`,
  // Priority first, so that a claim seeks to each priority and reads only the promises that it takes.
  `CREATE INDEX promises_claimable ON promises (priority, claimable_at, id) WHERE claimable_at IS NOT NULL`,
  `CREATE INDEX promises_by_status ON promises (status)`,
  `CREATE INDEX promises_by_chat ON promises (chat_id)`,
  `CREATE INDEX promises_undelivered ON promises (id) WHERE completed_at IS NOT NULL AND delivered_at IS NULL`,
  `CREATE UNIQUE INDEX promises_by_key ON promises (chat_id, idempotency_key) WHERE idempotency_key IS NOT NULL`,

  // A parent may be gone (settled promises may be deleted), so only the child is a foreign key.
  `CREATE TABLE promise_dependencies (
    promise_id INTEGER NOT NULL REFERENCES promises (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    parent_id INTEGER NOT NULL,
    PRIMARY KEY (promise_id, position)
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX promise_dependencies_by_parent ON promise_dependencies (parent_id, promise_id)`,

  `CREATE TABLE messages (
    chat_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    chat_kind TEXT NOT NULL,
    sender TEXT NOT NULL, -- JSON
    text TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    reply_to INTEGER,
    addressed_to TEXT,
    received_at INTEGER NOT NULL,
    access TEXT NOT NULL, -- JSON
    response TEXT, -- JSON
    verdict TEXT,
    turn_id TEXT,
    failure TEXT,
    PRIMARY KEY (chat_id, message_id)
  ) STRICT`,
  `CREATE INDEX messages_open ON messages (chat_id, message_id) WHERE verdict IS NULL`,
  `CREATE INDEX messages_by_verdict ON messages (verdict)`,

  `CREATE TABLE conversation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    turn_id TEXT,
    step TEXT NOT NULL -- JSON
  ) STRICT`,
  `CREATE INDEX conversation_by_chat ON conversation (chat_id, id)`,

  `CREATE TABLE turns (
    id TEXT PRIMARY KEY,
    chat_id INTEGER NOT NULL,
    agent TEXT NOT NULL,
    model TEXT,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    tool_calls INTEGER NOT NULL
  ) STRICT`,

  `CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    reply_to INTEGER,
    answers TEXT NOT NULL, -- JSON
    promise_id INTEGER,
    dedupe_key TEXT NOT NULL UNIQUE,
    random_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    status TEXT NOT NULL,
    due_at INTEGER,
    last_error TEXT,
    sent_at INTEGER,
    sent_message_id INTEGER,
    failed_at INTEGER
  ) STRICT`,
  `CREATE INDEX outbox_pending ON outbox (chat_id, id) WHERE status = 'pending'`,
  `CREATE INDEX outbox_by_status ON outbox (status)`,
  `CREATE TABLE outbox_answers (
    chat_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    outbox_id INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    PRIMARY KEY (chat_id, message_id, outbox_id)
  ) STRICT, WITHOUT ROWID`,

  `CREATE TABLE local_messages (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    sender TEXT NOT NULL,
    text TEXT NOT NULL,
    reply_to INTEGER,
    answers TEXT NOT NULL, -- JSON
    at INTEGER NOT NULL,
    random_id TEXT NOT NULL,
    received INTEGER NOT NULL,
    UNIQUE (chat_id, message_id),
    UNIQUE (chat_id, random_id)
  ) STRICT`,
  `CREATE INDEX local_messages_unreceived ON local_messages (position) WHERE received = 0`,
];

const NAMES = [
  'local_messages',
  'outbox_answers',
  'outbox',
  'turns',
  'conversation',
  'messages',
  'promise_dependencies',
  'promises',
  'counters',
];

/** The class name is what TypeORM records: it never changes. */
export class InitialTables1763769600000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'the first tables';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of TABLES) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of NAMES) await runner.query(`DROP TABLE ${name}`);
  }
}
