import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type ConversationStep, saidIn, wordsOf } from '../../../domain/index.ts';
import { fullText } from '../full-text.ts';

const UP = ['ALTER TABLE conversation ADD COLUMN words tsvector'];
const INDEX = 'CREATE INDEX conversation_by_words ON conversation USING gin (words) WHERE words IS NOT NULL';
const DOWN = ['DROP INDEX conversation_by_words', 'ALTER TABLE conversation DROP COLUMN words'];

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

/** Conversations are found by their words. The class name is what TypeORM records: it never changes. */
export class Recall1764547200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
    await index(runner);
    await runner.query(INDEX);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
