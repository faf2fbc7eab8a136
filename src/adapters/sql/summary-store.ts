import { type ChatId, isSameSummary, provenanceToText, type Summary } from '../../domain/index.ts';
import type { SummaryStore } from '../../ports/index.ts';
import { provenanceIn } from './provenance-column.ts';
import type { Query, Sql, Transaction } from './sql.ts';

interface SummaryRow {
  readonly chat_id: string;
  readonly text: string;
  readonly up_to: number;
  readonly made_at: number;
  readonly model: string;
  readonly provenance: string | null;
}

const PUT = `INSERT INTO conversation_summaries (chat_id, text, up_to, made_at, model, provenance) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (chat_id) DO UPDATE SET text = excluded.text, up_to = excluded.up_to, made_at = excluded.made_at, model = excluded.model,
    provenance = excluded.provenance`;

/**
 * Whoever stores a summary, or changes what it may cover, holds this lock of the chat to the end of the transaction.
 */
export const lockSummary = <T extends Transaction>({ dialect }: Sql<T>, transaction: T, chatId: ChatId): Promise<void> =>
  dialect.lock(transaction, `summary:${chatId}`);

export const DROP_SUMMARY = 'DELETE FROM conversation_summaries WHERE chat_id = ?';
/** Of a chat, where it covers this place. */
export const DROP_COVERING = 'DELETE FROM conversation_summaries WHERE chat_id = ? AND up_to >= ?';

const GET = 'SELECT chat_id, text, up_to, made_at, model, provenance FROM conversation_summaries WHERE chat_id = ?';

/** The summaries of conversations, over the database itself or over one transaction. */
export const makeSummaryStore = <T extends Transaction>(sql: Sql<T>): SummaryStore => {
  const find = async (query: Query, chatId: ChatId): Promise<Summary | undefined> => {
    const [row] = await query<SummaryRow>(GET, [chatId]);
    return row && fromRow(row);
  };
  return {
    get: (chatId) => find(sql.read, chatId),
    put: ({ chatId, text, upTo, at, model, provenance }, over) =>
      sql.write(async (transaction) => {
        await lockSummary(sql, transaction, chatId);
        if (!isSameSummary(await find(transaction.query, chatId), over)) return false;
        await transaction.query(PUT, [
          chatId,
          text.toWellFormed().replaceAll('\0', '\ufffd'),
          upTo,
          at,
          model,
          provenanceToText(provenance),
        ]);
        return true;
      }),
  };
};

const fromRow = ({ chat_id, text, up_to, made_at, model, provenance }: SummaryRow): Summary => ({
  chatId: chat_id as ChatId,
  text,
  upTo: up_to,
  at: made_at,
  model,
  ...provenanceIn({ provenance }),
});
