import {
  accessFields,
  type ChatId,
  type InboxMessage,
  type IncomingMessage,
  inboxMessageFields,
  type MessageId,
  type MessagePart,
  type RepliedMessage,
  type ResponseDecision,
  repliedFields,
  responseFields,
  type Sender,
  senderFields,
  type TurnId,
  type Verdict,
} from '../../domain/index.ts';
import { type MessageStore, PortError } from '../../ports/index.ts';
import { perDialect, type Sql } from './sql.ts';

interface MessageRow {
  readonly chat_id: number;
  readonly message_id: number;
  readonly chat_kind: IncomingMessage['chat']['kind'];
  readonly sender: string;
  readonly text: string;
  readonly sent_at: number;
  readonly reply_to: number | null;
  readonly addressed_to: NonNullable<IncomingMessage['addressedTo']> | null;
  readonly received_at: number;
  readonly reply_random_id: string;
  readonly access: string;
  readonly response: string | null;
  readonly verdict: Verdict['kind'] | null;
  readonly turn_id: string | null;
  readonly failure: string | null;
  readonly replied: string | null;
  readonly edited_at: number | null;
  readonly parts: string | null;
  readonly deleted_at: number | null;
}

const INSERT = `INSERT INTO messages (chat_id, message_id, chat_kind, sender, text, sent_at, reply_to, addressed_to, received_at, reply_random_id,
  access, response, verdict, turn_id, failure, replied, edited_at, parts, deleted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING message_id`;
const ONE = 'SELECT * FROM messages WHERE chat_id = ? AND message_id = ?';
const REVISE = `UPDATE messages SET text = ?, parts = ?, edited_at = coalesce(?, edited_at) WHERE chat_id = ? AND message_id = ?
  AND deleted_at IS NULL AND coalesce(verdict, '') <> 'denied' AND coalesce(?, edited_at, 0) >= coalesce(edited_at, 0) RETURNING message_id`;
const REOPEN = `UPDATE messages SET verdict = NULL, response = ?, addressed_to = coalesce(?, addressed_to) WHERE chat_id = ? AND message_id = ?
  AND deleted_at IS NULL AND verdict IN ('remembered', 'ignored') RETURNING message_id`;
const ERASE = `UPDATE messages SET text = '', parts = NULL, replied = NULL, verdict = coalesce(verdict, 'ignored'), deleted_at = ?
  WHERE chat_id = ? AND message_id = ? AND deleted_at IS NULL RETURNING message_id`;
/** What came together is numbered side by side, and is no more than that. */
const MAX_PARTS = 10;
const NTH_DENIED = `SELECT received_at FROM messages WHERE verdict = 'denied' ORDER BY received_at DESC LIMIT 1 OFFSET ?`;
const PURGE_DENIED = `DELETE FROM messages WHERE (chat_id, message_id) IN (SELECT chat_id, message_id FROM messages
  WHERE verdict = 'denied' AND received_at < ? ORDER BY received_at, chat_id, message_id LIMIT ?) RETURNING message_id`;
const statementsIn = perDialect(({ oneOf, using, rowLocks }) => {
  const open = `verdict IS NULL AND chat_id = ? AND ${oneOf('message_id', 'integer')}`;
  // Without a word a planner may read all that was ever said in the chat.
  const openOnly = `messages${using('messages_open')} WHERE verdict IS NULL`;
  const withNumbers = `SELECT * FROM messages WHERE deleted_at IS NULL AND ${oneOf('message_id', 'integer')}`;
  return {
    countOpen: `SELECT COUNT(*) AS count FROM (SELECT message_id FROM messages WHERE ${open} ORDER BY message_id${rowLocks?.exclusive ?? ''}) AS held`,
    settle: `UPDATE messages SET verdict = ?, turn_id = ?, failure = ? WHERE ${open}`,
    senders: `SELECT message_id, sender FROM messages WHERE chat_id = ? AND ${oneOf('message_id', 'integer')}`,
    withNumbers,
    withNumbersIn: `${withNumbers} AND chat_id = ?`,
    chatsQuoting: `SELECT DISTINCT chat_id FROM messages WHERE replied IS NOT NULL AND ${oneOf('reply_to', 'integer')}`,
    eraseQuotes: `UPDATE messages SET replied = NULL WHERE replied IS NOT NULL AND ${oneOf('reply_to', 'integer')} AND chat_id = ?`,
    open: `SELECT * FROM ${openOnly} AND chat_id = ? ORDER BY message_id LIMIT ?`,
    chatsWithOpen: `SELECT chat_id FROM ${openOnly} GROUP BY chat_id ORDER BY MIN(received_at), chat_id`,
  };
});

/** The inbox, over the database itself or over one transaction. */
export const makeMessageStore = (sql: Sql): MessageStore => {
  const { json } = sql.dialect;
  const statements = statementsIn(sql.dialect);

  return {
    add: (record) =>
      sql.write(async ({ query }) => {
        const { message, receivedAt, replyKey: replyRandomId, access, response, verdict, deletedAt } = inboxMessageFields(record);
        const { kind, turn, failure } = verdictToColumns(verdict);
        const added = await query(INSERT, [
          ...[message.chat.id, message.messageId, message.chat.kind, json(senderFields(message.sender)), message.text, message.sentAt],
          ...[message.replyTo ?? null, message.addressedTo ?? null, receivedAt, replyRandomId],
          ...[json(accessFields(access)), response ? json(responseFields(response)) : null, kind, turn, failure],
          ...[
            message.replied ? json(repliedFields(message.replied)) : null,
            message.editedAt ?? null,
            message.parts ? json(message.parts) : null,
            deletedAt ?? null,
          ],
        ]);
        return added.length > 0;
      }),
    get: async (chatId, messageId) => {
      const [row] = await sql.read<MessageRow>(`${ONE}${sql.held}`, [chatId, messageId]);
      return row && fromRow(row);
    },
    senders: async (chatId, messageIds) => {
      const rows = await sql.read<Pick<MessageRow, 'message_id' | 'sender'>>(statements.senders, [chatId, json(messageIds)]);
      return new Map(rows.map(({ message_id, sender }) => [message_id as MessageId, JSON.parse(sender) as Sender]));
    },
    revise: (chatId, messageId, { text, parts, editedAt }) =>
      sql.write(async ({ query }) => {
        const kept = parts ? json(parts) : null;
        return (await query(REVISE, [text, kept, editedAt ?? null, chatId, messageId, editedAt ?? null])).length > 0;
      }),
    reopen: (chatId, messageId, { response, addressedTo }) =>
      sql.write(async ({ query }) => {
        const decided = response ? json(responseFields(response)) : null;
        return (await query(REOPEN, [decided, addressedTo ?? null, chatId, messageId])).length > 0;
      }),
    withNumbers: async (messageIds, chatId) => {
      const wanted = new Set<number>(messageIds);
      const near = new Set(messageIds.flatMap((id) => Array.from({ length: MAX_PARTS }, (_, before) => id - before)));
      const numbers = json([...near]);
      const rows = await (chatId === undefined
        ? sql.read<MessageRow>(statements.withNumbers, [numbers])
        : sql.read<MessageRow>(statements.withNumbersIn, [numbers, chatId]));
      return rows
        .map(fromRow)
        .filter(({ message }) => wanted.has(message.messageId) || (message.parts ?? []).some((part) => wanted.has(part.messageId)))
        .sort((a, b) => a.message.chat.id - b.message.chat.id || a.message.messageId - b.message.messageId);
    },
    erase: (chatId, messageId, at) => sql.write(async ({ query }) => (await query(ERASE, [at, chatId, messageId])).length > 0),
    chatsQuoting: async (messageIds) => {
      const rows = await sql.read<{ chat_id: number }>(statements.chatsQuoting, [json(messageIds)]);
      return rows.map(({ chat_id }) => chat_id as ChatId).sort((a, b) => a - b);
    },
    eraseQuotes: (chatId, messageIds) =>
      sql.write(async ({ query }) => {
        await query(statements.eraseQuotes, [json(messageIds), chatId]);
      }),
    open: async (chatId, limit) => (await sql.read<MessageRow>(statements.open, [chatId, limit])).map(fromRow),
    chatsWithOpen: async () => (await sql.read<{ chat_id: number }>(statements.chatsWithOpen)).map(({ chat_id }) => chat_id as ChatId),
    settle: (chatId, messageIds, verdict) =>
      sql.write(async ({ query }) => {
        const ids = json(messageIds);
        // Counted first: a refusal must leave nothing behind, even in a unit of work that goes on after it.
        const [found] = await query<{ count: number }>(statements.countOpen, [chatId, ids]);
        if (found?.count !== new Set(messageIds).size)
          throw new PortError('concurrency', `messages ${ids} of chat ${chatId} are not all open`, { retryable: true });
        const { kind, turn, failure } = verdictToColumns(verdict);
        await query(statements.settle, [kind, turn, failure, chatId, ids]);
      }),
    purgeDenied: ({ receivedBefore, keep, limit }) =>
      sql.write(async ({ query }) => {
        // What was received in the very millisecond of the last that is kept stays.
        const [last] = await query<{ received_at: number }>(NTH_DENIED, [Math.max(0, keep - 1)]);
        const before = Math.max(receivedBefore, keep === 0 ? Number.MAX_SAFE_INTEGER : (last?.received_at ?? 0));
        return (await query(PURGE_DENIED, [before, limit])).length;
      }),
    stats: async () => {
      const counts = { open: 0, denied: 0, ignored: 0, remembered: 0, answered: 0, failed: 0 };
      const byVerdict = 'SELECT verdict, COUNT(*) AS count FROM messages GROUP BY verdict';
      for (const { verdict, count } of await sql.read<{ verdict: Verdict['kind'] | null; count: number }>(byVerdict))
        counts[verdict ?? 'open'] = count;
      return counts;
    },
  };
};

const verdictToColumns = (verdict: Verdict | undefined) => ({
  kind: verdict?.kind ?? null,
  turn: verdict && 'turnId' in verdict ? verdict.turnId : null,
  failure: verdict && 'reason' in verdict ? verdict.reason : null,
});

const verdictFromRow = ({ verdict: kind, turn_id, failure }: MessageRow): { verdict?: Verdict } => {
  const turnId = turn_id as TurnId;
  if (kind === null) return {};
  if (kind === 'answered') return { verdict: { kind, turnId } };
  return { verdict: kind === 'failed' ? { kind, turnId, reason: failure ?? '' } : { kind } };
};

const fromRow = (row: MessageRow): InboxMessage => ({
  message: {
    CHATID__: row.chat_id as ChatId,
    messageId: row.message_id as MessageId,
    CHATKIND__: row.chat_kind,
    sender: senderFields(JSON.parse(row.sender) as IncomingMessage['sender']),
    text: row.text,
    sentAt: row.sent_at,
    ...(row.reply_to === null ? {} : { replyTo: row.reply_to as MessageId }),
    ...(row.replied === null ? {} : { replied: repliedFields(JSON.parse(row.replied) as RepliedMessage) }),
    ...(row.edited_at === null ? {} : { editedAt: row.edited_at }),
    ...(row.parts === null ? {} : { parts: JSON.parse(row.parts) as MessagePart[] }),
    ...(row.addressed_to === null ? {} : { addressedTo: row.addressed_to }),
  },
  receivedAt: row.received_at,
  replyKey: row.reply_random_id,
  access: accessFields(JSON.parse(row.access) as InboxMessage['access']),
  ...(row.response === null ? {} : { response: responseFields(JSON.parse(row.response) as ResponseDecision) }),
  ...verdictFromRow(row),
  ...(row.deleted_at === null ? {} : { deletedAt: row.deleted_at }),
});
