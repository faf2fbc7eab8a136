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

const FACTS_AND_LINKS = [
  `INSERT INTO counters (name, value) VALUES ('fact', 0)`,
  `CREATE TABLE facts (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    workspace TEXT, -- NULL: it is about who said it
    said_by TEXT NOT NULL,
    said_by_name TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    room TEXT NOT NULL,
    message_id TEXT,
    said_at INTEGER NOT NULL
  ) STRICT`,
  'CREATE INDEX facts_by_workspace ON facts (workspace, id) WHERE workspace IS NOT NULL',
  'CREATE INDEX facts_by_person ON facts (said_by, id)',
  'CREATE INDEX facts_by_chat ON facts (chat_id)',
  `CREATE TABLE links (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    note TEXT,
    words TEXT NOT NULL,
    saved_by TEXT NOT NULL,
    saved_by_name TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    message_id TEXT,
    saved_at INTEGER NOT NULL,
    UNIQUE (tenant, key)
  ) STRICT`,
  'CREATE INDEX links_by_tenant ON links (tenant, id)',
  'CREATE INDEX links_by_message ON links (chat_id, message_id)',
  'CREATE INDEX links_by_person ON links (saved_by)',
];

const DOWN = [
  'DROP TABLE links',
  'DROP TABLE facts',
  `DELETE FROM counters WHERE name = 'fact'`,
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
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
