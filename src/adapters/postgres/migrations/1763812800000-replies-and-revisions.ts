import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  'ALTER TABLE messages ADD COLUMN replied text', // JSON
  'ALTER TABLE messages ADD COLUMN parts text', // JSON
  'ALTER TABLE messages ADD COLUMN edited_at bigint',
  'ALTER TABLE messages ADD COLUMN deleted_at bigint',
  // Telegram tells of a deletion in direct chats and basic groups by the message's number alone.
  'CREATE INDEX messages_by_number ON messages (message_id) WHERE deleted_at IS NULL',
  'ALTER TABLE conversation ADD COLUMN message_id bigint',
  'ALTER TABLE conversation ADD COLUMN replied_id bigint',
  `UPDATE conversation SET message_id = (step::json ->> 'messageId')::bigint WHERE step::json ->> 'messageId' IS NOT NULL`,
  'CREATE INDEX conversation_by_message ON conversation (message_id, chat_id) WHERE message_id IS NOT NULL',
  'CREATE INDEX conversation_by_replied ON conversation (replied_id, chat_id) WHERE replied_id IS NOT NULL',
];

const DOWN = [
  'DROP INDEX conversation_by_replied',
  'DROP INDEX conversation_by_message',
  'ALTER TABLE conversation DROP COLUMN replied_id',
  'ALTER TABLE conversation DROP COLUMN message_id',
  'DROP INDEX messages_by_number',
  'ALTER TABLE messages DROP COLUMN deleted_at',
  'ALTER TABLE messages DROP COLUMN edited_at',
  'ALTER TABLE messages DROP COLUMN parts',
  'ALTER TABLE messages DROP COLUMN replied',
];

/** The class name is what TypeORM records: it never changes. */
export class RepliesAndRevisions1763812800000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'messages keep replies, edits and deletions';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
