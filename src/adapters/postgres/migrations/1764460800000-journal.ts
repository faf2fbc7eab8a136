import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE runs (
    id text PRIMARY KEY,
    chat_id text NOT NULL,
    promise_id bigint,
    turn_id text,
    agent text NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint,
    asked text NOT NULL, -- JSON: the messages that it answers
    counted bigint NOT NULL
  )`,
  'CREATE INDEX runs_open ON runs (chat_id) WHERE promise_id IS NULL AND ended_at IS NULL',
  'CREATE INDEX runs_by_promise ON runs (promise_id) WHERE promise_id IS NOT NULL',
  'CREATE INDEX runs_by_turn ON runs (turn_id) WHERE turn_id IS NOT NULL',
  'CREATE INDEX runs_by_end ON runs (ended_at) WHERE promise_id IS NULL AND ended_at IS NOT NULL',
  `CREATE TABLE run_steps (
    run_id text NOT NULL,
    seq bigint NOT NULL,
    writer text NOT NULL,
    kind text NOT NULL,
    at bigint NOT NULL,
    duration_ms bigint,
    model text,
    input_tokens bigint,
    output_tokens bigint,
    tool text,
    call_key text,
    effect text,
    outcome text,
    body text NOT NULL, -- JSON: the whole step
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
