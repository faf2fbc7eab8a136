import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `ALTER TABLE promises ADD COLUMN tenant TEXT NOT NULL DEFAULT ''`,
  // What was made before workspaces shared the workers fairly shares them by chat.
  'UPDATE promises SET tenant = CAST(chat_id AS TEXT)',
  'ALTER TABLE promises ADD COLUMN not_before INTEGER',
  'ALTER TABLE promises ADD COLUMN deadline_at INTEGER',
  'ALTER TABLE promises ADD COLUMN progress TEXT',
  'ALTER TABLE promises ADD COLUMN progress_at INTEGER',
  `CREATE INDEX promises_by_deadline ON promises (deadline_at, id) WHERE deadline_at IS NOT NULL AND completed_at IS NULL`,
  `CREATE INDEX promises_settled ON promises (completed_at) WHERE completed_at IS NOT NULL`,
  `CREATE INDEX promises_running ON promises (tenant) WHERE status = 'in_progress'`,

  `CREATE TABLE schedules (
    id INTEGER PRIMARY KEY,
    chat_id INTEGER NOT NULL,
    message_id INTEGER,
    requested_by TEXT NOT NULL, -- JSON
    tenant TEXT NOT NULL,
    task_description TEXT NOT NULL,
    task_type TEXT NOT NULL,
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 10),
    retry TEXT NOT NULL, -- JSON
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    created_at TEXT NOT NULL,
    next_at INTEGER, -- NULL once it has ended
    last_promise_id INTEGER,
    ended_at TEXT,
    version INTEGER NOT NULL
  ) STRICT`,
  `CREATE INDEX schedules_due ON schedules (next_at) WHERE next_at IS NOT NULL`,
  `CREATE INDEX schedules_by_chat ON schedules (chat_id)`,
  `INSERT INTO counters (name, value) VALUES ('schedule', 0)`,
];

const DOWN = [
  `DELETE FROM counters WHERE name = 'schedule'`,
  'DROP TABLE schedules',
  'DROP INDEX promises_running',
  'DROP INDEX promises_settled',
  'DROP INDEX promises_by_deadline',
  ...['progress_at', 'progress', 'deadline_at', 'not_before', 'tenant'].map((column) => `ALTER TABLE promises DROP COLUMN ${column}`),
];

/** The class name is what TypeORM records: it never changes. */
export class LifeOfPromises1763776800000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'promises get workspaces, due times, deadlines and progress; a table of schedules';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
