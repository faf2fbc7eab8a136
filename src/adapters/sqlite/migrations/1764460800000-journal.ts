import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    chat_id TEXT NOT NULL,
    promise_id INTEGER,
    turn_id TEXT,
    agent TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    asked TEXT NOT NULL, -- JSON: the messages that it answers
    counted INTEGER NOT NULL
  )`,
  'CREATE INDEX runs_open ON runs (chat_id) WHERE promise_id IS NULL AND ended_at IS NULL',
  'CREATE INDEX runs_by_promise ON runs (promise_id) WHERE promise_id IS NOT NULL',
  'CREATE INDEX runs_by_turn ON runs (turn_id) WHERE turn_id IS NOT NULL',
  'CREATE INDEX runs_by_end ON runs (ended_at) WHERE promise_id IS NULL AND ended_at IS NOT NULL',
  `CREATE TABLE run_steps (
    run_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    writer TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    duration_ms INTEGER,
    model TEXT,
    input_tokens INTEGER,
    output_tokens INTEGER,
    tool TEXT,
    call_key TEXT,
    effect TEXT,
    outcome TEXT,
    body TEXT NOT NULL, -- JSON: the whole step
    PRIMARY KEY (run_id, seq)
  )`,
];

const DOWN = ['DROP TABLE run_steps', 'DROP TABLE runs'];

/** The class name is what TypeORM records: it never changes. */
export class Journal1764460800000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'tables for the journal of runs';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
