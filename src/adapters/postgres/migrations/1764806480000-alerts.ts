import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE alerts (
    key TEXT NOT NULL PRIMARY KEY,
    rule TEXT NOT NULL,
    subject TEXT,
    run TEXT NOT NULL CHECK (run IN ('bad', 'between', 'well')),
    since bigint NOT NULL,
    held_ms bigint NOT NULL,
    seen_at bigint NOT NULL,
    -- The latest time in which somebody had to know; NULL where there was none.
    started_at bigint,
    fired_at bigint,
    resolved_at bigint,
    title TEXT,
    detail TEXT,
    severity TEXT
  )`,
  `CREATE TABLE alert_deliveries (
    key TEXT NOT NULL,
    channel TEXT NOT NULL,
    started_at bigint NOT NULL,
    wants TEXT NOT NULL CHECK (wants IN ('firing', 'resolved')),
    told TEXT CHECK (told IN ('firing', 'resolved')),
    told_at bigint,
    failures bigint NOT NULL,
    due_at bigint,
    last_error TEXT,
    PRIMARY KEY (key, channel)
  )`,
  `CREATE TABLE alert_silences (
    target TEXT NOT NULL PRIMARY KEY,
    until bigint NOT NULL,
    reason TEXT
  )`,
];

/** All of these tables are small, and read as wholes. The class name is what TypeORM records: it never changes. */
export class Alerts1764806480000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'tables for alerts, their deliveries and silences';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['alerts', 'alert_deliveries', 'alert_silences']) await runner.query(`DROP TABLE ${table}`);
  }
}
