import { type ChatId, type ChatMove, digestOf, roomOf } from '../../domain/index.ts';
import type { ChatMoves } from '../../ports/index.ts';
import { makeApprovalStore } from './approval-store.ts';
import { type Sql, type Transaction, within } from './sql.ts';
import { DROP_SUMMARY, lockSummary } from './summary-store.ts';

interface MoveRow {
  readonly from_chat_id: string;
  readonly to_chat_id: string;
  readonly moved_at: number;
}

const INSERT = `INSERT INTO chat_moves (from_chat_id, to_chat_id, moved_at) VALUES (?, ?, ?)
  ON CONFLICT DO NOTHING RETURNING from_chat_id`;

/** The parameters of each statement are the new chat, then the old one. Message ids are valid only in the old chat. */
const REKEY = [
  `UPDATE outbox SET chat_id = ?, reply_to = NULL, answers = '[]' WHERE chat_id = ? AND status = 'pending'`,
  'UPDATE schedules SET chat_id = ?, message_id = NULL WHERE chat_id = ?',
  'UPDATE turns SET chat_id = ? WHERE chat_id = ?',
  'UPDATE ledger SET chat_id = ? WHERE chat_id = ?',
  'UPDATE runs SET chat_id = ? WHERE chat_id = ? AND promise_id IS NULL AND ended_at IS NULL',
  'UPDATE approvals SET chat_id = ?, message_id = NULL WHERE chat_id = ?',
  'UPDATE standing_approvals SET chat_id = ? WHERE chat_id = ?',
  'UPDATE links SET tenant = ? WHERE tenant = ?',
  'UPDATE links SET chat_id = ?, message_id = NULL WHERE chat_id = ?',
];
/** Answers of moved items are removed: they answer messages of the old chat. */
const UNANSWER = `DELETE FROM outbox_answers WHERE chat_id = ? AND outbox_id IN (SELECT id FROM outbox WHERE status = 'pending')`;
/** A key that is taken in the new chat stays with the promise that has it there. */
const PROMISES = `UPDATE promises SET chat_id = ?, message_id = NULL, idempotency_key = CASE WHEN idempotency_key IN
    (SELECT idempotency_key FROM promises WHERE chat_id = ? AND idempotency_key IS NOT NULL) THEN NULL ELSE idempotency_key END
  WHERE chat_id = ?`;
/** What is asked about is bound to its chat: it is the same call in the same chat, which has another id. */
const DIGEST = 'UPDATE approvals SET digest = ? WHERE id = ?';
const MAX_OPEN = 10_000;
const FACTS = 'UPDATE facts SET chat_id = ?, room = ?, message_id = NULL WHERE chat_id = ?';
/** Its parameters are the old chat, then the new one: a link that is saved there, too, stays as it is there. */
const SAVED_TWICE = 'DELETE FROM links WHERE tenant = ? AND key IN (SELECT key FROM links WHERE tenant = ?)';
const FORGOTTEN = `INSERT INTO forgotten_conversations (chat_id, up_to)
  SELECT ?, up_to FROM forgotten_conversations WHERE chat_id = ?
  ON CONFLICT (chat_id) DO UPDATE SET up_to = excluded.up_to WHERE excluded.up_to > forgotten_conversations.up_to`;

/** Moves of chats to new ids, over the database itself or over one transaction. */
export const makeChatMoves = <T extends Transaction>(sql: Sql<T>): ChatMoves => {
  const { dialect } = sql;
  const step = dialect.without('step', ['messageId'], ['replied', 'messageId']);
  const conversation = `UPDATE conversation SET chat_id = ?, step = ${step}, message_id = NULL, replied_id = NULL WHERE chat_id = ?`;
  const lockName = (from: ChatId): string => `chat-move:${from}`;

  const find = async (from: ChatId): Promise<ChatId> => {
    const [row] = await sql.read<MoveRow>('SELECT to_chat_id FROM chat_moves WHERE from_chat_id = ?', [from]);
    return row ? (row.to_chat_id as ChatId) : from;
  };

  return {
    add: ({ from, to, at }) =>
      sql.write(async (transaction) => {
        await dialect.lock(transaction, lockName(from));
        const { query } = transaction;
        const added = await query(INSERT, [from, to, at]);
        if (added.length === 0) return false;
        await query(UNANSWER, [from]);
        const open = await makeApprovalStore(within(dialect, transaction)).list({
          chatId: from,
          statuses: ['asked', 'approved'],
          limit: MAX_OPEN,
        });
        for (const { id, call } of open) await query(DIGEST, [digestOf({ ...call, chatId: to }), id]);
        await query(SAVED_TWICE, [from, to]);
        await query(FACTS, [to, roomOf(to), from]);
        for (const statement of [...REKEY, conversation, FORGOTTEN]) await query(statement, [to, from]);
        await query(PROMISES, [to, to, from]);
        for (const chatId of [from, to].sort()) {
          await lockSummary(sql, transaction, chatId);
          await query(DROP_SUMMARY, [chatId]);
        }
        return true;
      }),
    home: async (chatId) => {
      if (sql.rowLock !== '') await sql.write((transaction) => dialect.lock(transaction, lockName(chatId)));
      return find(chatId);
    },
    list: async () => {
      const rows = await sql.read<MoveRow>('SELECT * FROM chat_moves ORDER BY moved_at, from_chat_id');
      return rows.map(
        ({ from_chat_id, to_chat_id, moved_at }): ChatMove => ({
          from: from_chat_id as ChatId,
          to: to_chat_id as ChatId,
          at: moved_at,
        }),
      );
    },
  };
};
