import {
  type ChatId,
  type ConversationEntry,
  type ConversationStep,
  revisedStep,
  stepFields,
  stepWithout,
  type TurnId,
} from '../../domain/index.ts';
import type { ConversationStore } from '../../ports/index.ts';
import { type Dialect, integers, perDialect, type Sql, texts } from './sql.ts';

interface ConversationRow {
  readonly chat_id: string;
  readonly at: number;
  readonly turn_id: string | null;
  readonly step: string;
  readonly message_id: string | null;
  readonly replied_id: string | null;
}

const ENTRY = { ...integers('at'), ...texts('chat_id', 'turn_id', 'step', 'message_id', 'replied_id') };
const NAMES = Object.keys(ENTRY).join(', ');
const insert = perDialect(({ overRows }) =>
  overRows('entry', ENTRY, (entries) => `INSERT INTO conversation (${NAMES}) SELECT ${NAMES} FROM ${entries} ORDER BY ordinal`),
);

const NEWEST = `SELECT at, turn_id, step FROM conversation
  WHERE chat_id = ? AND id > coalesce((SELECT up_to FROM forgotten_conversations WHERE chat_id = ?), 0) ORDER BY id DESC LIMIT ?`;
const FORGET = `INSERT INTO forgotten_conversations (chat_id, up_to) SELECT ?, coalesce(max(id), 0) FROM conversation WHERE true
  ON CONFLICT (chat_id) DO UPDATE SET up_to = excluded.up_to WHERE excluded.up_to > forgotten_conversations.up_to`;

interface StepRow {
  readonly id: number;
  readonly step: string;
}
const statementsIn = perDialect(({ oneOf, rowLocks }) => {
  const locked = rowLocks?.exclusive ?? '';
  return {
    ofMessage: `SELECT id, step FROM conversation WHERE ${oneOf('message_id', 'text')} AND chat_id = ? ORDER BY id${locked}`,
    ofReplies: `SELECT id, step FROM conversation WHERE ${oneOf('replied_id', 'text')} AND chat_id = ? ORDER BY id${locked}`,
    remove: `DELETE FROM conversation WHERE ${oneOf('message_id', 'text')} AND chat_id = ?`,
    update: 'UPDATE conversation SET step = ? WHERE id = ?',
    chatsAbout: `SELECT chat_id FROM conversation WHERE ${oneOf('message_id', 'text')}
      UNION SELECT chat_id FROM conversation WHERE ${oneOf('replied_id', 'text')}`,
  };
});

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
  revise: (chatId, messageId, text) =>
    sql.write(async ({ query }) => {
      const { ofMessage, ofReplies, update } = statementsIn(sql.dialect);
      const ids = sql.dialect.json([messageId]);
      for (const statement of [ofMessage, ofReplies])
        for (const { id, step } of await query<StepRow>(statement, [ids, chatId])) {
          const revised = revisedStep(JSON.parse(step) as ConversationStep, messageId, text);
          await query(update, [sql.dialect.json(stepFields(revised)), id]);
        }
    }),
  erase: (chatId, messageIds) =>
    sql.write(async ({ query }) => {
      const { ofReplies, remove, update } = statementsIn(sql.dialect);
      const ids = sql.dialect.json(messageIds);
      await query(remove, [ids, chatId]);
      for (const { id, step } of await query<StepRow>(ofReplies, [ids, chatId])) {
        const left = stepWithout(JSON.parse(step) as ConversationStep, messageIds);
        if (left) await query(update, [sql.dialect.json(stepFields(left)), id]);
      }
    }),
  chatsAbout: async (messageIds) => {
    const ids = sql.dialect.json(messageIds);
    const rows = await sql.read<{ chat_id: string }>(statementsIn(sql.dialect).chatsAbout, [ids, ids]);
    return rows.map(({ chat_id }) => chat_id as ChatId).sort();
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
