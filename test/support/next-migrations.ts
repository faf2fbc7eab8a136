import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { Migration } from '../../src/adapters/sql/migrations.ts';

type Up = (runner: QueryRunner) => Promise<unknown>;

/** A migration of a version to come. */
export const plantedMigration = (name: string, phase: Migration['phase'], up: Up | readonly string[], needs?: string): Migration => {
  const Planted = class implements MigrationInterface {
    static readonly phase = phase;
    static readonly words = `what ${name} changes`;
    static readonly needs = needs;
    async up(runner: QueryRunner): Promise<void> {
      if (typeof up === 'function') await up(runner);
      else for (const sql of up) await runner.query(sql);
    }
    async down(): Promise<void> {
      throw new Error('nobody goes back');
    }
  };
  Object.defineProperty(Planted, 'name', { value: name });
  return Planted as unknown as Migration;
};

/** What the next version of Kept adds: a table, a column beside those that are written all the time, and an index. */
export const NEXT = plantedMigration('Next1999999999999', 'expand', [
  'CREATE TABLE next_things (id INTEGER PRIMARY KEY, what TEXT NOT NULL)',
  'ALTER TABLE messages ADD COLUMN next_thing TEXT',
  'ALTER TABLE local_messages ADD COLUMN next_thing TEXT',
  'ALTER TABLE outbox ADD COLUMN next_thing TEXT',
  'CREATE INDEX messages_by_next_thing ON messages (next_thing) WHERE next_thing IS NOT NULL',
]);

/** What makes a process of Kept one of the next version. */
export const NEXT_VERSION = { NODE_OPTIONS: `--import ${new URL('./next-version.ts', import.meta.url).href}` };

/** Runs `use` as the version whose migrations are these, beside those of today. */
export const asVersionWith = async <T>(migrations: Migration[], added: readonly Migration[], use: () => Promise<T>): Promise<T> => {
  migrations.push(...added);
  try {
    return await use();
  } finally {
    migrations.splice(migrations.length - added.length);
  }
};
