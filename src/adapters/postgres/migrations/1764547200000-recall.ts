import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type ConversationStep, saidIn, wordsOf } from '../../../domain/index.ts';
import { fullText } from '../full-text.ts';

const UP = ['ALTER TABLE conversation ADD COLUMN words tsvector'];
const INDEX = 'CREATE INDEX conversation_by_words ON conversation USING gin (words) WHERE words IS NOT NULL';

const TEXT = 'text COLLATE "C"';
const FACTS_AND_LINKS = [
  'CREATE SEQUENCE fact_numbers',
  `CREATE TABLE facts (
    id bigint PRIMARY KEY,
    text text NOT NULL,
    workspace text, -- NULL: it is about who said it
    said_by ${TEXT} NOT NULL,
    said_by_name text NOT NULL,
    chat_id ${TEXT} NOT NULL,
    room ${TEXT} NOT NULL,
    message_id ${TEXT},
    said_at bigint NOT NULL
  )`,
  'CREATE INDEX facts_by_workspace ON facts (workspace, id) WHERE workspace IS NOT NULL',
  'CREATE INDEX facts_by_person ON facts (said_by, id)',
  'CREATE INDEX facts_by_chat ON facts (chat_id)',
  `CREATE TABLE links (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    key ${TEXT} NOT NULL,
    url text NOT NULL,
    note text,
    words text NOT NULL,
    saved_by ${TEXT} NOT NULL,
    saved_by_name text NOT NULL,
    chat_id ${TEXT} NOT NULL,
    message_id ${TEXT},
    saved_at bigint NOT NULL
  )`,
  'CREATE UNIQUE INDEX links_by_key ON links (tenant, key)',
  'CREATE INDEX links_by_tenant ON links (tenant, id)',
  'CREATE INDEX links_by_message ON links (chat_id, message_id)',
  'CREATE INDEX links_by_person ON links (saved_by)',
];
const DOWN = [
  'DROP TABLE links',
  'DROP TABLE facts',
  'DROP SEQUENCE fact_numbers',
  'DROP INDEX conversation_by_words',
  'ALTER TABLE conversation DROP COLUMN words',
];

/** How many entries are read at once. */
const BATCH = 1_000;

/** What was said so far is found, too. */
const index = async (runner: QueryRunner): Promise<void> => {
  let last = 0;
  for (;;) {
    const sql = 'SELECT id, step FROM conversation WHERE id > $1 ORDER BY id LIMIT $2';
    const rows = (await runner.query(sql, [last, BATCH])) as readonly { readonly id: number; readonly step: string }[];
    const end = rows.at(-1);
    if (!end) return;
    last = Number(end.id);
    const words = rows.map(({ step }) => fullText.stored(wordsOf(saidIn(JSON.parse(step) as ConversationStep))));
    await runner.query(
      `UPDATE conversation SET words = said.words::tsvector FROM unnest($1::bigint[], $2::text[]) AS said (id, words)
        WHERE conversation.id = said.id`,
      [rows.map(({ id }) => id), words],
    );
  }
};

/**
 * Conversations are found by their words; facts and links have tables.
 * The class name is what TypeORM records: it never changes.
 */
export class Recall1764547200000 implements MigrationInterface {
  static readonly phase = 'expand';
  static readonly words = 'tables for facts and links, and an index of words';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...UP, ...FACTS_AND_LINKS]) await runner.query(sql);
    await index(runner);
    await runner.query(INDEX);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
