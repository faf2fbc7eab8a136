import type { ConversationEntry, TurnId } from '../../domain/index.ts';
import type { ConversationStore } from '../../ports/index.ts';
import { type Sql, toJson } from './sql.ts';

interface ConversationRow {
  readonly at: number;
  readonly turn_id: string | null;
  readonly step: string;
}

const INSERT = `INSERT INTO conversation (chat_id, at, turn_id, step)
  SELECT value ->> 'chatId', value ->> 'at', value ->> 'turnId', value -> 'step' FROM json_each(?) ORDER BY key`;

/** What was said in each chat, in SQLite, over the database itself or over one transaction. */
export const makeConversationStore = (sql: Sql): ConversationStore => ({
  append: async (entries) => {
    if (entries.length === 0) return;
    await sql.write(({ query }) => query(INSERT, [toJson(entries)]));
  },
  recent: async (chatId, limit) => {
    const newest = 'SELECT at, turn_id, step FROM conversation WHERE chat_id = ? ORDER BY id DESC LIMIT ?';
    const rows = await sql.read<ConversationRow>(newest, [chatId, limit]);
    return rows.toReversed().map(({ at, turn_id, step }) => ({
      chatId,
      at,
      ...(turn_id === null ? {} : { turnId: turn_id as TurnId }),
      step: JSON.parse(step) as ConversationEntry['step'],
    }));
  },
});
