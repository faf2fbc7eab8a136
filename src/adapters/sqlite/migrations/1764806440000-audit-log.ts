import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    chat_id TEXT,
    facts TEXT NOT NULL,
    seq INTEGER, -- NULL until it is sealed
    previous TEXT,
    hash TEXT
  ) STRICT`,
  'CREATE INDEX audit_log_unsealed ON audit_log (id) WHERE seq IS NULL',
  'CREATE UNIQUE INDEX audit_log_by_seq ON audit_log (seq) WHERE seq IS NOT NULL',
  'CREATE INDEX audit_log_by_kind ON audit_log (kind, seq) WHERE seq IS NOT NULL',
  'CREATE INDEX audit_log_by_chat ON audit_log (chat_id, seq) WHERE seq IS NOT NULL',
  'CREATE INDEX audit_log_by_time ON audit_log (at, seq) WHERE seq IS NOT NULL',
  // No part of Kept changes or removes a row. Whoever wants to must first remove this, and the chain tells of it then.
  `CREATE TRIGGER audit_log_keeps_rows BEFORE DELETE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
  `CREATE TRIGGER audit_log_keeps_facts BEFORE UPDATE ON audit_log
    WHEN old.seq IS NOT NULL OR (new.id, new.at, new.kind, new.actor, new.chat_id, new.facts)
      IS NOT (old.id, old.at, old.kind, old.actor, old.chat_id, old.facts)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
  'CREATE INDEX ledger_by_turn ON ledger (turn_id) WHERE turn_id IS NOT NULL',
];

const DOWN = ['DROP INDEX ledger_by_turn', 'DROP TABLE audit_log', `DELETE FROM key_values WHERE owner = 'audit'`];

/**
 * Who did what, chained by hash; and what a turn cost is found by the turn.
 * The class name is what TypeORM records: it never changes.
 */
export class AuditLog1764806440000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'a table for the audit log';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
