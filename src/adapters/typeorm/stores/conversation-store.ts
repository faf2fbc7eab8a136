import type { ConversationEntry, TurnId } from '../../../domain/index.ts';
import type { ConversationStore } from '../../../ports/index.ts';
import { type Sql, toJson } from './sql.ts';

interface ConversationRow {
  readonly at: number;
  readonly turn_id: string | null;
  readonly step: string;
}

const INSERT = `INSERT INTO conversation (chat_id, at, turn_id, step)
  SELECT value ->> 'chatId', value ->> 'at', value ->> 'turnId', value -> 'step' FROM json_each(?) ORDER BY key`;

const NEWEST = `SELECT at, turn_id, step FROM conversation
  WHERE chat_id = ? AND id > coalesce((SELECT up_to FROM forgotten_conversations WHERE chat_id = ?), 0) ORDER BY id DESC LIMIT ?`;
const FORGET = `INSERT INTO forgotten_conversations (chat_id, up_to) SELECT ?, coalesce(max(id), 0) FROM conversation WHERE true
  ON CONFLICT (chat_id) DO UPDATE SET up_to = excluded.up_to`;

/** What was said in each chat, in SQLite, over the database itself or over one transaction. */
export const makeConversationStore = (sql: Sql): ConversationStore => ({
  append: async (entries) => {
    if (entries.length === 0) return;
    await sql.write(({ query }) => query(INSERT, [toJson(entries)]));
  },
  recent: async (chatId, limit) => {
    const rows = await sql.read<ConversationRow>(NEWEST, [chatId, chatId, limit]);
    return rows.toReversed().map(({ at, turn_id, step }) => ({
      chatId,
      at,
      ...(turn_id === null ? {} : { turnId: turn_id as TurnId }),
      step: JSON.parse(step) as ConversationEntry['step'],
    }));
  },
  forget: (chatId) =>
    sql.write(async ({ query }) => {
      await query(FORGET, [chatId]);
    }),
});
