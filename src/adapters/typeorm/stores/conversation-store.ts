import { type ConversationEntry, stepFields, type TurnId } from '../../../domain/index.ts';
import type { ConversationStore } from '../../../ports/index.ts';
import { type Dialect, integers, perDialect, type Sql, texts } from './sql.ts';

interface ConversationRow {
  readonly chat_id: number;
  readonly at: number;
  readonly turn_id: string | null;
  readonly step: string;
  readonly message_id: number | null;
  readonly replied_id: number | null;
}

const ENTRY = { ...integers('chat_id', 'at', 'message_id', 'replied_id'), ...texts('turn_id', 'step') };
const NAMES = Object.keys(ENTRY).join(', ');
const insert = perDialect(({ overRows }) =>
  overRows('entry', ENTRY, (entries) => `INSERT INTO conversation (${NAMES}) SELECT ${NAMES} FROM ${entries} ORDER BY ordinal`),
);

const NEWEST = `SELECT at, turn_id, step FROM conversation
  WHERE chat_id = ? AND id > coalesce((SELECT up_to FROM forgotten_conversations WHERE chat_id = ?), 0) ORDER BY id DESC LIMIT ?`;
const FORGET = `INSERT INTO forgotten_conversations (chat_id, up_to) SELECT ?, coalesce(max(id), 0) FROM conversation WHERE true
  ON CONFLICT (chat_id) DO UPDATE SET up_to = excluded.up_to WHERE excluded.up_to > forgotten_conversations.up_to`;

/** What was said in each chat, over the database itself or over one transaction. */
export const makeConversationStore = (sql: Sql): ConversationStore => ({
  append: async (entries) => {
    if (entries.length === 0) return;
    const { dialect } = sql;
    await sql.write(({ query }) =>
      dialect.runOver(
        query,
        insert(dialect),
        entries.map((entry) => entryToRow(entry, dialect)),
      ),
    );
  },
  recent: async (chatId, limit) => {
    const rows = await sql.read<Pick<ConversationRow, 'at' | 'turn_id' | 'step'>>(NEWEST, [chatId, chatId, limit]);
    return rows.toReversed().map(({ at, turn_id, step }) => ({
      chatId,
      at,
      ...(turn_id === null ? {} : { turnId: turn_id as TurnId }),
      step: stepFields(JSON.parse(step) as ConversationEntry['step']),
    }));
  },
  forget: (chatId) =>
    sql.write(async ({ query }) => {
      await query(FORGET, [chatId]);
    }),
});

const entryToRow = ({ chatId, at, turnId, step }: ConversationEntry, { json }: Dialect): Partial<ConversationRow> => ({
  chat_id: chatId,
  at,
  turn_id: turnId ?? null,
  step: json(stepFields(step)),
  message_id: (step.role === 'person' && step.messageId) || null,
  replied_id: (step.role === 'person' && step.replied?.messageId) || null,
});
