import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The class name is what TypeORM records: it never changes. */
export class Processes1764806461000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'a table of the processes that run';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE processes (
      id TEXT NOT NULL PRIMARY KEY,
      role TEXT NOT NULL,
      host TEXT NOT NULL,
      pid INTEGER NOT NULL,
      version TEXT NOT NULL,
      data_dir TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      heartbeat_at INTEGER NOT NULL,
      stopped_at INTEGER,
      work TEXT NOT NULL
    ) STRICT`);
    await runner.query('CREATE INDEX processes_by_heartbeat ON processes (heartbeat_at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE processes');
  }
}
