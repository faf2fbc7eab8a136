import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Chats that go on under another id. The class name is what TypeORM records: it never changes. */
export class ChatMoves1763816400000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'a table of groups that moved to another id';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE chat_moves (
      from_chat_id bigint PRIMARY KEY,
      to_chat_id bigint NOT NULL,
      moved_at bigint NOT NULL -- in ms since 1970
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE chat_moves');
  }
}
