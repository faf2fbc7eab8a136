import {
  type ChatId,
  type MessageButton,
  type MessageId,
  type OutboxDraft,
  type OutboxId,
  type OutboxItem,
  type OutboxState,
  type PendingOutboxItem,
  type PromiseId,
  provenanceToText,
} from '../../domain/index.ts';
import { type OutboxStore, PortError } from '../../ports/index.ts';
import { provenanceIn } from './provenance-column.ts';
import { integers, perDialect, type Sql, type SqlValue, texts } from './sql.ts';

interface OutboxRow {
  readonly id: number;
  readonly chat_id: string;
  readonly text: string;
  readonly reply_to: string | null;
  readonly answers: string;
  readonly promise_id: number | null;
  readonly dedupe_key: string;
  readonly delivery_key: string;
  readonly created_at: number;
  readonly attempts: number;
  readonly status: OutboxItem['status'];
  readonly due_at: number | null;
  readonly last_error: string | null;
  readonly sent_at: number | null;
  readonly sent_message_id: string | null;
  readonly failed_at: number | null;
  readonly buttons: string | null;
  readonly provenance: string | null;
}

const DRAFT_COLUMNS = {
  ...integers('promise_id', 'created_at', 'due_at'),
  ...texts('chat_id', 'text', 'reply_to', 'answers', 'dedupe_key', 'delivery_key', 'buttons', 'provenance'),
};
const DRAFT = Object.keys(DRAFT_COLUMNS).join(', ');
/** What stands before the first `:` of a chat's id, by functions that both engines have: gateways have such names. */
const GATEWAY = `substr(chat_id, 1, length(chat_id) - length(ltrim(chat_id, 'abcdefghijklmnopqrstuvwxyz0123456789-')))`;
const statementsIn = perDialect(({ overRows, among, using }) => {
  const pending = `outbox${using('outbox_pending')} WHERE status = 'pending'`;
  // The oldest pending item of each chat is the only one that may be sent.
  const heads = among('id', `SELECT MIN(id) FROM ${pending} GROUP BY chat_id`);
  return {
    insert: overRows(
      'draft',
      DRAFT_COLUMNS,
      (drafts) => `INSERT INTO outbox (${DRAFT}, attempts, status) SELECT ${DRAFT}, 0, 'pending' FROM ${drafts}
        WHERE true ORDER BY ordinal ON CONFLICT (dedupe_key) DO NOTHING RETURNING id, dedupe_key`,
    ),
    insertAnswers: overRows(
      'answer',
      { ...texts('chat_id', 'message_id'), ...integers('outbox_id') },
      (answers) => `INSERT INTO outbox_answers (chat_id, message_id, outbox_id) SELECT chat_id, message_id, outbox_id FROM ${answers}
        WHERE true ON CONFLICT DO NOTHING`,
    ),
    due: `${heads} AND due_at <= ? ORDER BY id LIMIT ?`,
    nextDue: `SELECT MIN(due_at) AS at FROM outbox WHERE ${heads}`,
    onePending: `SELECT id FROM ${pending} AND chat_id = ? LIMIT 1`,
    pendingByGateway: `SELECT ${GATEWAY} AS gateway, COUNT(*) AS count FROM ${pending} GROUP BY 1`,
  };
});

/** The first condition repeats the condition of the index `outbox_by_status` word by word, so that SQLite uses it. */
const COUNTS = `SELECT status, COUNT(*) AS count FROM outbox WHERE status = 'sent' OR status = 'failed' GROUP BY status
  UNION ALL SELECT 'pending', COUNT(*) FROM outbox WHERE status = 'pending'`;

/** Messages to send, over the database itself or over one transaction. */
export const makeOutboxStore = (sql: Sql): OutboxStore => {
  const { runOver } = sql.dialect;
  const statements = statementsIn(sql.dialect);

  const select = async (where: string, params: readonly SqlValue[]): Promise<readonly OutboxItem[]> =>
    (await sql.read<OutboxRow>(`SELECT * FROM outbox WHERE ${where}`, params)).map(fromRow);

  const change = (id: OutboxId, assignments: string, params: readonly SqlValue[]): Promise<void> =>
    sql.write(async ({ query }) => {
      const changed = await query(`UPDATE outbox SET ${assignments} WHERE id = ? AND status = 'pending' RETURNING id`, [...params, id]);
      if (changed.length === 0) throw new PortError('concurrency', `outbox item ${id} is not pending`, { retryable: true });
    });

  const addMany = (drafts: readonly OutboxDraft[]): Promise<readonly boolean[]> =>
    sql.write(async ({ query }) => {
      const added = await runOver<{ id: number; dedupe_key: string }>(query, statements.insert, drafts.map(draftToRow));
      const ids = new Map(added.map(({ id, dedupe_key }) => [dedupe_key, id]));
      const stored = drafts.map(
        ({ dedupeKey }, at) => ids.has(dedupeKey) && drafts.findIndex((draft) => draft.dedupeKey === dedupeKey) === at,
      );
      const answers = drafts.flatMap(({ chatId, dedupeKey, answers }, at) =>
        stored[at] ? answers.map((message_id) => ({ chat_id: chatId, message_id, outbox_id: ids.get(dedupeKey) })) : [],
      );
      if (answers.length > 0) await runOver(query, statements.insertAnswers, answers);
      return stored;
    });

  return {
    add: async (draft) => (await addMany([draft]))[0] === true,
    addMany,
    get: async (id) => (await select('id = ?', [id]))[0],
    due: async (now, limit) => (await select(statements.due, [now, limit])) as readonly PendingOutboxItem[],
    nextDueAt: async () => {
      const [next] = await sql.read<{ at: number | null }>(statements.nextDue);
      return next?.at ?? undefined;
    },
    hasPending: async (chatId) => (await sql.read(statements.onePending, [chatId])).length > 0,
    markSent: (id, sentMessageId, at) =>
      change(id, `status = 'sent', sent_message_id = ?, sent_at = ?, due_at = NULL, last_error = NULL`, [sentMessageId ?? null, at]),
    postpone: (id, dueAt, lastError) => change(id, 'attempts = attempts + 1, due_at = ?, last_error = ?', [dueAt, lastError]),
    giveUp: (id, at, lastError) => change(id, `status = 'failed', failed_at = ?, last_error = ?, due_at = NULL`, [at, lastError]),
    answering: (chatId, messageId) =>
      select('id IN (SELECT outbox_id FROM outbox_answers WHERE chat_id = ? AND message_id = ?) ORDER BY id', [chatId, messageId]),
    named: async (dedupeKey) => (await select('dedupe_key = ?', [dedupeKey]))[0],
    sentAs: async (chatId, messageId) => (await select('chat_id = ? AND sent_message_id = ? LIMIT 1', [chatId, messageId]))[0],
    ofPromise: (id, limit) => select('promise_id = ? ORDER BY id LIMIT ?', [id, limit]),
    newest: ({ chatId, before, limit }) =>
      before === undefined
        ? select('chat_id = ? ORDER BY id DESC LIMIT ?', [chatId, limit])
        : select('chat_id = ? AND id < ? ORDER BY id DESC LIMIT ?', [chatId, before, limit]),
    stats: async () => {
      const counts = { pending: 0, sent: 0, failed: 0 };
      for (const { status, count } of await sql.read<{ status: OutboxItem['status']; count: number }>(COUNTS)) counts[status] = count;
      return counts;
    },
    pendingByGateway: async () => {
      const rows = await sql.read<{ gateway: string; count: number }>(statements.pendingByGateway);
      return new Map(rows.map(({ gateway, count }) => [gateway, count]));
    },
  };
};

const draftToRow = (draft: OutboxDraft): Partial<OutboxRow> => ({
  chat_id: draft.chatId,
  text: draft.text,
  reply_to: draft.replyTo ?? null,
  answers: JSON.stringify(draft.answers),
  promise_id: draft.promiseId ?? null,
  dedupe_key: draft.dedupeKey,
  delivery_key: draft.deliveryKey,
  created_at: draft.createdAt,
  due_at: draft.createdAt,
  buttons: draft.buttons ? JSON.stringify(draft.buttons.map(({ label, data }) => ({ label, data }))) : null,
  provenance: provenanceToText(draft.provenance),
});

const fromRow = (row: OutboxRow): OutboxItem => ({
  id: row.id as OutboxId,
  chatId: row.chat_id as ChatId,
  text: row.text,
  ...(row.reply_to === null ? {} : { replyTo: row.reply_to as MessageId }),
  answers: JSON.parse(row.answers) as MessageId[],
  ...(row.promise_id === null ? {} : { promiseId: row.promise_id as PromiseId }),
  ...(row.buttons === null ? {} : { buttons: JSON.parse(row.buttons) as MessageButton[] }),
  ...provenanceIn(row),
  dedupeKey: row.dedupe_key,
  deliveryKey: row.delivery_key,
  createdAt: row.created_at,
  attempts: row.attempts,
  ...stateFromRow(row),
});

const stateFromRow = (row: OutboxRow): OutboxState => {
  const lastError = row.last_error ?? '';
  switch (row.status) {
    case 'pending':
      return { status: 'pending', dueAt: Number(row.due_at), ...(lastError === '' ? {} : { lastError }) };
    case 'sent':
      return {
        status: 'sent',
        sentAt: Number(row.sent_at),
        ...(row.sent_message_id === null ? {} : { sentMessageId: row.sent_message_id as MessageId }),
      };
    case 'failed':
      return { status: 'failed', failedAt: Number(row.failed_at), lastError };
  }
};
