import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What was paid for, and the money that is held back for what has begun. The class name is what TypeORM records: it
 * never changes.
 */
export class Ledger1764806420000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'tables for the ledger and reservations of budgets';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE ledger (
      id TEXT PRIMARY KEY,
      at INTEGER NOT NULL, -- when it began, in ms since 1970
      spent_on TEXT NOT NULL, -- model, tool, coding
      name TEXT NOT NULL, -- <provider>/<model>, <provider>/<tool>, the coding agent
      chat_id TEXT NOT NULL,
      workspace TEXT,
      person TEXT,
      agent TEXT NOT NULL,
      promise_id INTEGER,
      turn_id TEXT,
      input_tokens INTEGER NOT NULL,
      output_tokens INTEGER NOT NULL,
      cache_read_tokens INTEGER NOT NULL,
      cache_write_tokens INTEGER NOT NULL,
      cost INTEGER, -- in millionths of a US dollar; NULL where no price is known
      estimated INTEGER NOT NULL -- 1: what it used was not told, and the cost is the most that it can have been
    ) STRICT`);
    await runner.query('CREATE INDEX ledger_by_time ON ledger (at, cost)');
    await runner.query('CREATE INDEX ledger_by_chat ON ledger (chat_id, at)');
    await runner.query('CREATE INDEX ledger_by_workspace ON ledger (workspace, at, cost) WHERE workspace IS NOT NULL');
    await runner.query('CREATE INDEX ledger_by_person ON ledger (person, at, cost) WHERE person IS NOT NULL');
    await runner.query('CREATE INDEX ledger_by_promise ON ledger (promise_id) WHERE promise_id IS NOT NULL');
    await runner.query('CREATE INDEX ledger_by_agent ON ledger (agent, promise_id, cost) WHERE promise_id IS NOT NULL');
    await runner.query(`CREATE TABLE budget_reservations (
      id TEXT PRIMARY KEY,
      at INTEGER NOT NULL,
      name TEXT NOT NULL,
      chat_id TEXT NOT NULL,
      workspace TEXT,
      person TEXT,
      promise_id INTEGER,
      cost INTEGER NOT NULL,
      expires_at INTEGER NOT NULL -- it counts until then, unless the process that holds it renews it
    ) STRICT`);
    await runner.query('CREATE INDEX budget_reservations_by_expiry ON budget_reservations (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE budget_reservations');
    await runner.query('DROP TABLE ledger');
  }
}
