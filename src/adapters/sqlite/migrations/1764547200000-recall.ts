import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type ConversationStep, saidIn, wordsOf } from '../../../domain/index.ts';
import { fullText } from '../full-text.ts';

/** What ids are made of beside letters and digits: each id is one word. */
const SIGNS = '!#$%&()*+,-./:;<=>?@[]^_{|}~';

const UP = [
  'ALTER TABLE conversation ADD COLUMN words TEXT',
  // The words are told apart when they are stored: here, nothing but spaces separates them. Nobody asks for the scores
  // that `columnsize` serves.
  `CREATE VIRTUAL TABLE conversation_words USING fts5 (chat_id, words, content='conversation', content_rowid='id', columnsize=0,
    tokenize="ascii tokenchars '${SIGNS}'")`,
  `CREATE TRIGGER conversation_words_insert AFTER INSERT ON conversation WHEN new.words IS NOT NULL BEGIN
    INSERT INTO conversation_words (rowid, chat_id, words) VALUES (new.id, new.chat_id, new.words); END`,
  `CREATE TRIGGER conversation_words_delete AFTER DELETE ON conversation WHEN old.words IS NOT NULL BEGIN
    INSERT INTO conversation_words (conversation_words, rowid, chat_id, words) VALUES ('delete', old.id, old.chat_id, old.words); END`,
  `CREATE TRIGGER conversation_words_update AFTER UPDATE OF chat_id, words ON conversation BEGIN
    INSERT INTO conversation_words (conversation_words, rowid, chat_id, words)
      SELECT 'delete', old.id, old.chat_id, old.words WHERE old.words IS NOT NULL;
    INSERT INTO conversation_words (rowid, chat_id, words) SELECT new.id, new.chat_id, new.words WHERE new.words IS NOT NULL; END`,
];

const DOWN = [
  ...['update', 'delete', 'insert'].map((name) => `DROP TRIGGER conversation_words_${name}`),
  'DROP TABLE conversation_words',
  'ALTER TABLE conversation DROP COLUMN words',
];

/** How many entries are read at once. */
const BATCH = 1_000;

/** What was said so far is found, too. */
const index = async (runner: QueryRunner): Promise<void> => {
  let last = 0;
  for (;;) {
    const sql = 'SELECT id, step FROM conversation WHERE id > ? ORDER BY id LIMIT ?';
    const rows = (await runner.query(sql, [last, BATCH])) as readonly { readonly id: number; readonly step: string }[];
    for (const { id, step } of rows) {
      const words = fullText.stored(wordsOf(saidIn(JSON.parse(step) as ConversationStep)));
      if (words !== null) await runner.query('UPDATE conversation SET words = ? WHERE id = ?', [words, id]);
    }
    const end = rows.at(-1);
    if (!end) return;
    last = end.id;
  }
};

/** Conversations are found by their words. The class name is what TypeORM records: it never changes. */
export class Recall1764547200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
    await index(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
