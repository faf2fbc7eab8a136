/** Long because one store holds every statement about messages. */
import {
  type Attachment,
  accessFields,
  attachmentFields,
  type ChatId,
  type FetchedAttachment,
  fetchedFields,
  type InboxMessage,
  type IncomingMessage,
  inboxMessageFields,
  type MessageId,
  type MessagePart,
  present,
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
import { perDialect, type Query, type Sql, texts } from './sql.ts';

interface MessageRow {
  readonly chat_id: string;
  readonly message_id: string;
  readonly chat_kind: IncomingMessage['chat']['kind'];
  readonly chat_title: string | null;
  readonly sender: string;
  readonly text: string;
  readonly sent_at: number;
  readonly reply_to: string | null;
  readonly addressed_to: NonNullable<IncomingMessage['addressedTo']> | null;
  readonly received_at: number;
  readonly reply_key: string;
  readonly access: string;
  readonly response: string | null;
  readonly verdict: Verdict['kind'] | null;
  readonly turn_id: string | null;
  readonly failure: string | null;
  readonly replied: string | null;
  readonly edited_at: number | null;
  readonly parts: string | null;
  readonly deleted_at: number | null;
  readonly attachments: string | null;
  readonly files: string | null;
  readonly forwarded: number | null;
  /** Rises with each message that is added. It orders the messages of a chat. */
  readonly sequence: number;
}

const INSERT = `INSERT INTO messages (chat_id, message_id, chat_kind, chat_title, sender, text, sent_at, reply_to, addressed_to, received_at, reply_key,
  access, response, verdict, turn_id, failure, replied, edited_at, parts, deleted_at, attachments, files, forwarded)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO NOTHING RETURNING message_id`;
const ONE = 'SELECT * FROM messages WHERE chat_id = ? AND message_id = ?';
const REVISE = `UPDATE messages SET text = ?, parts = ?, files = ?, edited_at = coalesce(?, edited_at) WHERE chat_id = ? AND message_id = ?
  AND deleted_at IS NULL AND coalesce(verdict, '') <> 'denied' AND coalesce(?, edited_at, 0) >= coalesce(edited_at, 0) RETURNING message_id`;
const REOPEN = `UPDATE messages SET verdict = NULL, response = ?, addressed_to = coalesce(?, addressed_to) WHERE chat_id = ? AND message_id = ?
  AND deleted_at IS NULL AND verdict IN ('remembered', 'ignored') RETURNING message_id`;
const COMPLETE = `UPDATE messages SET text = ?, parts = ?, files = ?, attachments = NULL WHERE chat_id = ? AND message_id = ?
  AND deleted_at IS NULL AND attachments IS NOT NULL RETURNING message_id`;
const INCOMPLETE = 'SELECT * FROM messages WHERE attachments IS NOT NULL ORDER BY received_at, sequence LIMIT ?';
const ERASE = `UPDATE messages SET text = '', parts = NULL, attachments = NULL, files = NULL, replied = NULL, verdict = coalesce(verdict, 'ignored'), deleted_at = ?
  WHERE chat_id = ? AND message_id = ? AND deleted_at IS NULL RETURNING message_id`;
const LISTED = ['open', 'denied', 'ignored', 'remembered', 'answered', 'failed'] as const;
/** Each verdict by itself: an index has them in their order. */
const newestOf = (verdicts: readonly (Verdict['kind'] | 'open')[], narrowed: string): string =>
  verdicts
    .map((verdict) => {
      const isThat = verdict === 'open' ? 'verdict IS NULL' : `verdict = '${verdict}'`;
      return `SELECT * FROM (SELECT * FROM messages WHERE ${isThat}${narrowed} ORDER BY sequence DESC LIMIT ?) AS ${verdict}_ones`;
    })
    .join(' UNION ALL ');
/**
 * Some probes of indexes for each chat, however many messages it has. With ORDER BY, a planner may read them all.
 */
const CHATS = `WITH RECURSIVE known(chat_id, place) AS (
    SELECT MIN(chat_id), 1 FROM messages
    UNION ALL
    SELECT (SELECT MIN(chat_id) FROM messages WHERE chat_id > known.chat_id), place + 1 FROM known WHERE chat_id IS NOT NULL AND place < ?
  ), latest(chat_id, newest, reply) AS MATERIALIZED (
    SELECT chat_id, (SELECT MAX(sequence) FROM messages WHERE messages.chat_id = known.chat_id),
      (SELECT MAX(id) FROM outbox WHERE outbox.chat_id = known.chat_id) FROM known WHERE chat_id IS NOT NULL
  )
  SELECT messages.*, (SELECT created_at FROM outbox WHERE id = reply) AS replied_at
  FROM latest JOIN messages ON messages.chat_id = latest.chat_id AND messages.sequence = latest.newest`;
const REMOVE_PARTS = 'DELETE FROM message_parts WHERE chat_id = ? AND message_id = ?';
const NTH_DENIED = `SELECT received_at FROM messages WHERE verdict = 'denied' ORDER BY received_at DESC LIMIT 1 OFFSET ?`;
const PURGE_DENIED = `DELETE FROM messages WHERE (chat_id, message_id) IN (SELECT chat_id, message_id FROM messages
  WHERE verdict = 'denied' AND received_at < ? ORDER BY received_at, chat_id, message_id LIMIT ?) RETURNING message_id`;
const statementsIn = perDialect(({ oneOf, overRows, using, rowLocks }) => {
  const open = `verdict IS NULL AND chat_id = ? AND ${oneOf('message_id', 'text')}`;
  // Without an index hint, a planner may read everything that was ever said in the chat.
  const openOnly = `messages${using('messages_open')} WHERE verdict IS NULL`;
  const byId = `SELECT * FROM messages WHERE deleted_at IS NULL AND ${oneOf('message_id', 'text')}`;
  const byPart = `SELECT messages.* FROM message_parts AS part JOIN messages ON messages.chat_id = part.chat_id
    AND messages.message_id = part.message_id WHERE deleted_at IS NULL AND ${oneOf('part.part_id', 'text')}`;
  return {
    countOpen: `SELECT COUNT(*) AS count FROM (SELECT message_id FROM messages WHERE ${open} ORDER BY message_id${rowLocks?.exclusive ?? ''}) AS held`,
    settle: `UPDATE messages SET verdict = ?, turn_id = ?, failure = ? WHERE ${open}`,
    files: `SELECT message_id, files FROM messages WHERE files IS NOT NULL AND chat_id = ? AND ${oneOf('message_id', 'text')}`,
    senders: `SELECT message_id, sender FROM messages WHERE chat_id = ? AND ${oneOf('message_id', 'text')}`,
    withIds: `${byId} UNION ALL ${byPart}`,
    withIdsIn: `${byId} AND messages.chat_id = ? UNION ALL ${byPart} AND part.chat_id = ?`,
    addParts: overRows(
      'part',
      texts('chat_id', 'message_id', 'part_id'),
      (parts) => `INSERT INTO message_parts (chat_id, message_id, part_id) SELECT chat_id, message_id, part_id FROM ${parts}
        WHERE true ON CONFLICT DO NOTHING`,
    ),
    chatsQuoting: `SELECT DISTINCT chat_id FROM messages WHERE replied IS NOT NULL AND ${oneOf('reply_to', 'text')}`,
    eraseQuotes: `UPDATE messages SET replied = NULL WHERE replied IS NOT NULL AND ${oneOf('reply_to', 'text')} AND chat_id = ?`,
    open: `SELECT * FROM ${openOnly} AND chat_id = ? ORDER BY sequence LIMIT ?`,
    chatsWithOpen: `SELECT chat_id FROM ${openOnly} GROUP BY chat_id ORDER BY MIN(received_at), chat_id`,
  };
});

/** The inbox, over the database itself or over one transaction. */
export const makeMessageStore = (sql: Sql): MessageStore => {
  const { json } = sql.dialect;
  const statements = statementsIn(sql.dialect);
  const filesColumn = (files: IncomingMessage['files']): string | null => (files ? json(files.map(fetchedFields)) : null);

  /** The ids of the parts, so that a message is found by them, too. */
  const addParts = async (query: Query, chatId: ChatId, messageId: MessageId, parts: readonly MessagePart[] = []): Promise<void> => {
    const rows = parts.map((part) => ({ chat_id: chatId, message_id: messageId, part_id: part.messageId }));
    if (rows.length > 0) await sql.dialect.runOver(query, statements.addParts, rows);
  };
  const replaceParts: typeof addParts = async (query, chatId, messageId, parts) => {
    await query(REMOVE_PARTS, [chatId, messageId]);
    await addParts(query, chatId, messageId, parts);
  };

  return {
    add: (record) =>
      sql.write(async ({ query }) => {
        const { message, receivedAt, replyKey, access, response, verdict, deletedAt } = inboxMessageFields(record);
        const { kind, turn, failure } = verdictToColumns(verdict);
        const added = await query(INSERT, [
          message.chat.id,
          message.messageId,
          message.chat.kind,
          message.chat.title ?? null,
          json(senderFields(message.sender)),
          message.text,
          message.sentAt,
          message.replyTo ?? null,
          message.addressedTo ?? null,
          receivedAt,
          replyKey,
          json(accessFields(access)),
          response ? json(responseFields(response)) : null,
          kind,
          turn,
          failure,
          message.replied ? json(repliedFields(message.replied)) : null,
          message.editedAt ?? null,
          message.parts ? json(message.parts) : null,
          deletedAt ?? null,
          message.attachments ? json(message.attachments) : null,
          filesColumn(message.files),
          message.forwarded ? 1 : null,
        ]);
        if (added.length === 0) return false;
        await addParts(query, message.chat.id, message.messageId, message.parts);
        return true;
      }),
    get: async (chatId, messageId) => {
      const [row] = await sql.read<MessageRow>(`${ONE}${sql.rowLock}`, [chatId, messageId]);
      return row && fromRow(row);
    },
    senders: async (chatId, messageIds) => {
      const rows = await sql.read<Pick<MessageRow, 'message_id' | 'sender'>>(statements.senders, [chatId, json(messageIds)]);
      return new Map(rows.map(({ message_id, sender }) => [message_id as MessageId, JSON.parse(sender) as Sender]));
    },
    files: async (chatId, messageIds) => {
      const rows = await sql.read<{ message_id: string; files: string }>(statements.files, [chatId, json(messageIds)]);
      return new Map(rows.map(({ message_id, files }) => [message_id as MessageId, filesFrom(files)]));
    },
    revise: (chatId, messageId, { text, parts, files, editedAt }) =>
      sql.write(async ({ query }) => {
        const kept = parts ? json(parts) : null;
        const revised = await query(REVISE, [text, kept, filesColumn(files), editedAt ?? null, chatId, messageId, editedAt ?? null]);
        if (revised.length === 0) return false;
        await replaceParts(query, chatId, messageId, parts);
        return true;
      }),
    complete: (chatId, messageId, { text, parts, files }) =>
      sql.write(async ({ query }) => {
        const completed = await query(COMPLETE, [text, parts ? json(parts) : null, filesColumn(files), chatId, messageId]);
        if (completed.length === 0) return false;
        await replaceParts(query, chatId, messageId, parts);
        return true;
      }),
    incomplete: async (limit) => (await sql.read<MessageRow>(INCOMPLETE, [limit])).map(fromRow),
    reopen: (chatId, messageId, { response, addressedTo }) =>
      sql.write(async ({ query }) => {
        const decided = response ? json(responseFields(response)) : null;
        return (await query(REOPEN, [decided, addressedTo ?? null, chatId, messageId])).length > 0;
      }),
    withIds: async (messageIds, chatId) => {
      const ids = json(messageIds);
      const rows = await (chatId === undefined
        ? sql.read<MessageRow>(statements.withIds, [ids, ids])
        : sql.read<MessageRow>(statements.withIdsIn, [ids, chatId, ids, chatId]));
      // A part with the id of the whole message needs no row.
      const found = new Map(rows.map((row) => [row.sequence, row]));
      return [...found.values()].sort((a, b) => a.sequence - b.sequence).map(fromRow);
    },
    erase: (chatId, messageId, at) =>
      sql.write(async ({ query }) => {
        if ((await query(ERASE, [at, chatId, messageId])).length === 0) return false;
        await query(REMOVE_PARTS, [chatId, messageId]);
        return true;
      }),
    chatsQuoting: async (messageIds) => {
      const rows = await sql.read<{ chat_id: string }>(statements.chatsQuoting, [json(messageIds)]);
      return rows.map(({ chat_id }) => chat_id as ChatId).sort();
    },
    eraseQuotes: (chatId, messageIds) =>
      sql.write(async ({ query }) => {
        await query(statements.eraseQuotes, [json(messageIds), chatId]);
      }),
    open: async (chatId, limit) => (await sql.read<MessageRow>(statements.open, [chatId, limit])).map(fromRow),
    chats: async (limit) => {
      const rows = await sql.read<MessageRow & { readonly replied_at: number | null }>(CHATS, [limit]);
      return rows
        .toSorted((a, b) => (a.chat_id < b.chat_id ? -1 : 1))
        .map((row) => ({ last: fromRow(row), ...present({ repliedAt: row.replied_at ?? undefined }) }));
    },
    newest: async ({ verdicts, chatId, before, limit }) => {
      const terms = [
        ...(chatId === undefined ? [] : ['chat_id = ?']),
        ...(before === undefined ? [] : ['sequence < (SELECT sequence FROM messages WHERE chat_id = ? AND message_id = ?)']),
      ];
      const params = [...(chatId === undefined ? [] : [chatId]), ...(before === undefined ? [] : [before.chatId, before.messageId])];
      if (verdicts === undefined) {
        const all = `SELECT * FROM messages ${terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : ''} ORDER BY sequence DESC LIMIT ?`;
        return (await sql.read<MessageRow>(all, [...params, limit])).map(fromRow);
      }
      const wanted = LISTED.filter((verdict) => verdicts.includes(verdict));
      if (wanted.length === 0) return [];
      const found = `SELECT * FROM (${newestOf(wanted, terms.map((term) => ` AND ${term}`).join(''))}) AS found ORDER BY sequence DESC LIMIT ?`;
      return (await sql.read<MessageRow>(found, [...wanted.flatMap(() => [...params, limit]), limit])).map(fromRow);
    },
    chatsWithOpen: async () => (await sql.read<{ chat_id: string }>(statements.chatsWithOpen)).map(({ chat_id }) => chat_id as ChatId),
    settle: (chatId, messageIds, verdict) =>
      sql.write(async ({ query }) => {
        const ids = json(messageIds);
        // The messages are counted first: a refusal must leave nothing behind, even in a unit of work that goes on
        // after it.
        const [found] = await query<{ count: number }>(statements.countOpen, [chatId, ids]);
        if (found?.count !== new Set(messageIds).size)
          throw new PortError('concurrency', `messages ${ids} of chat ${chatId} are not all open`, { retryable: true });
        const { kind, turn, failure } = verdictToColumns(verdict);
        await query(statements.settle, [kind, turn, failure, chatId, ids]);
      }),
    purgeDenied: ({ receivedBefore, keep, limit }) =>
      sql.write(async ({ query }) => {
        // Messages received in the same millisecond as the last one to keep are kept, too.
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

const filesFrom = (column: string): readonly FetchedAttachment[] => (JSON.parse(column) as FetchedAttachment[]).map(fetchedFields);

const fromRow = (row: MessageRow): InboxMessage => ({
  message: {
    chat: { id: row.chat_id as ChatId, kind: row.chat_kind, ...present({ title: row.chat_title ?? undefined }) },
    messageId: row.message_id as MessageId,
    sender: senderFields(JSON.parse(row.sender) as IncomingMessage['sender']),
    text: row.text,
    sentAt: row.sent_at,
    ...(row.reply_to === null ? {} : { replyTo: row.reply_to as MessageId }),
    ...(row.replied === null ? {} : { replied: repliedFields(JSON.parse(row.replied) as RepliedMessage) }),
    ...(row.edited_at === null ? {} : { editedAt: row.edited_at }),
    ...(row.parts === null ? {} : { parts: JSON.parse(row.parts) as MessagePart[] }),
    ...(row.attachments === null ? {} : { attachments: (JSON.parse(row.attachments) as Attachment[]).map(attachmentFields) }),
    ...(row.files === null ? {} : { files: filesFrom(row.files) }),
    ...(row.forwarded === null ? {} : { forwarded: true }),
    ...(row.addressed_to === null ? {} : { addressedTo: row.addressed_to }),
  },
  receivedAt: row.received_at,
  replyKey: row.reply_key,
  access: accessFields(JSON.parse(row.access) as InboxMessage['access']),
  ...(row.response === null ? {} : { response: responseFields(JSON.parse(row.response) as ResponseDecision) }),
  ...verdictFromRow(row),
  ...(row.deleted_at === null ? {} : { deletedAt: row.deleted_at }),
});
