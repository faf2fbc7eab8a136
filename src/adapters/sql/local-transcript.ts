import { type ChatId, type MessageButton, type MessageId, nativeId } from '../../domain/index.ts';
import type { LocalTranscript, TranscriptMessage } from '../../ports/index.ts';
import type { Sql, SqlValue } from './sql.ts';

interface LocalMessageRow {
  readonly chat_id: string;
  readonly message_id: string;
  readonly sequence: number;
  readonly sender: TranscriptMessage['from'];
  readonly text: string;
  readonly reply_to: string | null;
  readonly answers: string;
  readonly at: number;
  readonly buttons: string | null;
}

/** Each chat has a counter, because a number must not be used again, whatever is deleted. */
const NEXT_NUMBER = `INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value`;
const INSERT = `INSERT INTO local_messages (chat_id, sequence, sender, text, reply_to, answers, at, delivery_key, received, buttons)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chat_id, delivery_key) DO NOTHING RETURNING *`;
const KNOWN = 'SELECT * FROM local_messages WHERE chat_id = ? AND delivery_key = ?';

/** Local chats, as the agent and the people at this machine share them across processes. */
export const makeLocalTranscript = (sql: Sql): LocalTranscript => {
  const select = async (rest: string, params: readonly SqlValue[]): Promise<readonly TranscriptMessage[]> =>
    (await sql.read<LocalMessageRow>(`SELECT * FROM local_messages ${rest}`, params)).map(fromRow);

  return {
    post: ({ chatId, from, text, replyTo, answers, at, randomId, buttons }) =>
      sql.write(async ({ query }) => {
        const known = () => query<LocalMessageRow>(KNOWN, [chatId, randomId]);
        const [first] = await known();
        if (first) return fromRow(first);
        const [next] = await query<{ value: number }>(NEXT_NUMBER, [`local-chat:${chatId}`]);
        const received = from === 'operator' ? 0 : 1;
        const shown = buttons ? JSON.stringify(buttons.map(({ label, data }) => ({ label, data }))) : null;
        const row = [chatId, Number(next?.value), from, text, replyTo ?? null, sql.dialect.json(answers), at, randomId, received, shown];
        const [posted] = await query<LocalMessageRow>(INSERT, row);
        // Another process has posted it at the same moment; that message is the first.
        return fromRow(posted ?? ((await known())[0] as LocalMessageRow));
      }),
    get: async (chatId, messageId) => (await select('WHERE chat_id = ? AND sequence = ?', [chatId, sequenceOf(messageId)]))[0],
    list: (chatId, after, limit) => select('WHERE chat_id = ? AND sequence > ? ORDER BY sequence LIMIT ?', [chatId, after, limit]),
    latest: async (chatId, limit, before = Number.MAX_SAFE_INTEGER) =>
      (await select('WHERE chat_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?', [chatId, before, limit])).toReversed(),
    unreceived: (limit) => select('WHERE received = 0 ORDER BY position LIMIT ?', [limit]),
    markReceived: (chatId, messageId) =>
      sql.write(async ({ query }) => {
        await query('UPDATE local_messages SET received = 1 WHERE chat_id = ? AND sequence = ?', [chatId, Number(nativeId(messageId))]);
      }),
  };
};

const fromRow = (row: LocalMessageRow): TranscriptMessage => ({
  chatId: row.chat_id as ChatId,
  messageId: row.message_id as MessageId,
  sequence: row.sequence,
  from: row.sender,
  text: row.text,
  ...(row.reply_to === null ? {} : { replyTo: row.reply_to as MessageId }),
  answers: JSON.parse(row.answers) as MessageId[],
  at: row.at,
  ...(row.buttons === null ? {} : { buttons: JSON.parse(row.buttons) as MessageButton[] }),
});

/** Of an id that is none of this store's: a number that no message has. */
const sequenceOf = (messageId: MessageId): number => {
  const number = Number(nativeId(messageId));
  return Number.isSafeInteger(number) ? number : 0;
};
