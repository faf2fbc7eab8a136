import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The class name is what TypeORM records: it never changes. */
export class Processes1764806461000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'a table of the processes that run';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE processes (
      id text COLLATE "C" NOT NULL PRIMARY KEY,
      role text COLLATE "C" NOT NULL,
      host text COLLATE "C" NOT NULL,
      pid bigint NOT NULL,
      version text NOT NULL,
      data_dir text NOT NULL,
      started_at bigint NOT NULL,
      heartbeat_at bigint NOT NULL,
      stopped_at bigint,
      work text NOT NULL
    )`);
    await runner.query('CREATE INDEX processes_by_heartbeat ON processes (heartbeat_at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE processes');
  }
}
