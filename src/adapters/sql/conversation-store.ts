import {
  type ChatId,
  type ConversationEntry,
  type ConversationStep,
  type PlacedEntry,
  revisedStep,
  saidIn,
  stepFields,
  stepWithout,
  type TurnId,
  wordsOf,
} from '../../domain/index.ts';
import type { ConversationStore } from '../../ports/index.ts';
import { type Dialect, integers, perDialect, type Sql, type Transaction, texts } from './sql.ts';
import { DROP_COVERING, DROP_SUMMARY, lockSummary } from './summary-store.ts';

interface ConversationRow {
  readonly chat_id: string;
  readonly at: number;
  readonly turn_id: string | null;
  readonly step: string;
  readonly message_id: string | null;
  readonly replied_id: string | null;
  /** What it is found by: the words of people and of the agent. */
  readonly words: string | null;
}

const ENTRY = { ...integers('at'), ...texts('chat_id', 'turn_id', 'step', 'message_id', 'replied_id', 'words') };
const NAMES = Object.keys(ENTRY).join(', ');
const insert = perDialect(({ overRows, fullText }) => {
  const values = Object.keys(ENTRY).map((name) => (name === 'words' ? fullText.column(name) : name));
  return overRows(
    'entry',
    ENTRY,
    (entries) => `INSERT INTO conversation (${NAMES}) SELECT ${values.join(', ')} FROM ${entries} ORDER BY ordinal`,
  );
});

const NEWEST = `SELECT id, at, turn_id, step FROM conversation
  WHERE chat_id = ? AND id > ? AND id > coalesce((SELECT up_to FROM forgotten_conversations WHERE chat_id = ?), 0) ORDER BY id DESC LIMIT ?`;
const FORGET = `INSERT INTO forgotten_conversations (chat_id, up_to) SELECT ?, coalesce(max(id), 0) FROM conversation WHERE true
  ON CONFLICT (chat_id) DO UPDATE SET up_to = excluded.up_to WHERE excluded.up_to > forgotten_conversations.up_to`;

interface StepRow {
  readonly id: number;
  readonly step: string;
}
const statementsIn = perDialect(({ oneOf, rowLocks, fullText }) => {
  const locked = rowLocks?.exclusive ?? '';
  return {
    ofMessage: `SELECT id, step FROM conversation WHERE ${oneOf('message_id', 'text')} AND chat_id = ? ORDER BY id${locked}`,
    ofReplies: `SELECT id, step FROM conversation WHERE ${oneOf('replied_id', 'text')} AND chat_id = ? ORDER BY id${locked}`,
    remove: `DELETE FROM conversation WHERE ${oneOf('message_id', 'text')} AND chat_id = ? RETURNING id`,
    update: 'UPDATE conversation SET step = ? WHERE id = ?',
    say: `UPDATE conversation SET step = ?, words = ${fullText.column('?')} WHERE id = ?`,
    chatsAbout: `SELECT chat_id FROM conversation WHERE ${oneOf('message_id', 'text')}
      UNION SELECT chat_id FROM conversation WHERE ${oneOf('replied_id', 'text')}`,
  };
});

type PlacedRow = Pick<ConversationRow, 'at' | 'turn_id' | 'step'> & { readonly id: number };

/** What was said in each chat, over the database itself or over one transaction. */
export const makeConversationStore = <T extends Transaction>(sql: Sql<T>): ConversationStore => {
  const newest = async (chatId: ChatId, place: number, limit: number): Promise<readonly PlacedEntry[]> => {
    const rows = await sql.read<PlacedRow>(NEWEST, [chatId, place, chatId, limit]);
    return rows.toReversed().map((row) => placedOf(chatId, row));
  };
  /** Runs `work`, which resolves to the places of the entries that it has changed. */
  const changing = (chatId: ChatId, work: (transaction: T) => Promise<readonly number[]>): Promise<void> =>
    sql.write(async (transaction) => {
      await lockSummary(sql, transaction, chatId);
      const places = await work(transaction);
      if (places.length > 0) await transaction.query(DROP_COVERING, [chatId, Math.min(...places)]);
    });
  return {
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
    recent: async (chatId, limit) => (await newest(chatId, 0, limit)).map(({ entry }) => entry),
    after: newest,
    search: async (chatId, query, limit) => {
      if (query.length === 0) return [];
      const { select, query: written } = sql.dialect.fullText;
      const rows = await sql.read<Omit<PlacedRow, 'id'>>(select, [written(chatId, query), chatId, limit]);
      return rows.map((row) => fromRow(chatId, row));
    },
    revise: (chatId, messageId, text) =>
      changing(chatId, async ({ query }) => {
        const { ofMessage, ofReplies, update, say } = statementsIn(sql.dialect);
        const { json } = sql.dialect;
        const ids = json([messageId]);
        const revised = (step: string) => stepFields(revisedStep(JSON.parse(step) as ConversationStep, messageId, text));
        const said = await query<StepRow>(ofMessage, [ids, chatId]);
        for (const { id, step } of said) {
          const now = revised(step);
          await query(say, [json(now), wordsIn(now, sql.dialect), id]);
        }
        const replies = await query<StepRow>(ofReplies, [ids, chatId]);
        for (const { id, step } of replies) await query(update, [json(revised(step)), id]);
        return [...said, ...replies].map(({ id }) => id);
      }),
    erase: (chatId, messageIds) =>
      changing(chatId, async ({ query }) => {
        const { ofReplies, remove, update } = statementsIn(sql.dialect);
        const ids = sql.dialect.json(messageIds);
        const places = (await query<Pick<StepRow, 'id'>>(remove, [ids, chatId])).map(({ id }) => id);
        for (const { id, step } of await query<StepRow>(ofReplies, [ids, chatId])) {
          const left = stepWithout(JSON.parse(step) as ConversationStep, messageIds);
          if (left) await query(update, [sql.dialect.json(stepFields(left)), id]);
          places.push(id);
        }
        return places;
      }),
    chatsAbout: async (messageIds) => {
      const ids = sql.dialect.json(messageIds);
      const rows = await sql.read<{ chat_id: string }>(statementsIn(sql.dialect).chatsAbout, [ids, ids]);
      return rows.map(({ chat_id }) => chat_id as ChatId).sort();
    },
    forget: (chatId) =>
      sql.write(async (transaction) => {
        await lockSummary(sql, transaction, chatId);
        await transaction.query(FORGET, [chatId]);
        await transaction.query(DROP_SUMMARY, [chatId]);
      }),
  };
};

const placedOf = (chatId: ChatId, row: PlacedRow): PlacedEntry => ({ place: row.id, entry: fromRow(chatId, row) });

const fromRow = (chatId: ChatId, { at, turn_id, step }: Omit<PlacedRow, 'id'>): ConversationEntry => ({
  chatId,
  at,
  ...(turn_id === null ? {} : { turnId: turn_id as TurnId }),
  step: stepFields(JSON.parse(step) as ConversationEntry['step']),
});

const wordsIn = (step: ConversationStep, { fullText }: Dialect): string | null => fullText.stored(wordsOf(saidIn(step)));

const entryToRow = ({ chatId, at, turnId, step }: ConversationEntry, dialect: Dialect): Partial<ConversationRow> => ({
  chat_id: chatId,
  at,
  turn_id: turnId ?? null,
  step: dialect.json(stepFields(step)),
  message_id: (step.role === 'person' && step.messageId) || null,
  replied_id: (step.role === 'person' && step.replied?.messageId) || null,
  words: wordsIn(step, dialect),
});
