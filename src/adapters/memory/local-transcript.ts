import { type ChatId, LOCAL, messageIdOf, present } from '../../domain/index.ts';
import type { LocalTranscript } from '../../ports/index.ts';
import { firstOf, select } from './rows.ts';
import { messageKey, type Tables, type TranscriptRow } from './tables.ts';

const lowestFirst = (a: TranscriptRow, b: TranscriptRow): number => a.message.sequence - b.message.sequence;
const ofChat = (chatId: ChatId) => (row: TranscriptRow) => row.message.chatId === chatId;
const messagesOf = (rows: readonly TranscriptRow[]) => rows.map(({ message }) => message);

export const makeLocalTranscript = ({ transcript, next }: Tables): LocalTranscript => ({
  post: async ({ randomId, chatId, from, text, replyTo, answers, at, buttons }) => {
    const message = {
      chatId,
      from,
      text,
      answers,
      at,
      ...present({ replyTo, buttons: buttons?.map(({ label, data }) => ({ label, data })) }),
    };
    const first = firstOf(transcript.rows(), (row) => row.randomId === randomId && row.message.chatId === message.chatId);
    if (first) return first.message;
    const sequence = next(`transcript ${message.chatId}`);
    const posted = { ...message, messageId: messageIdOf(LOCAL, sequence), sequence };
    transcript.put({ message: posted, randomId, received: false });
    return posted;
  },
  get: async (chatId, messageId) => transcript.get(messageKey(chatId, messageId))?.message,
  list: async (chatId, after, limit) =>
    messagesOf(select(transcript.rows(), (row) => ofChat(chatId)(row) && row.message.sequence > after, lowestFirst, limit)),
  latest: async (chatId, limit, before = Number.POSITIVE_INFINITY) =>
    messagesOf(
      select(
        transcript.rows(),
        (row) => ofChat(chatId)(row) && row.message.sequence < before,
        (a, b) => lowestFirst(b, a),
        limit,
      ),
    ).reverse(),
  // Rows are in the order of posting.
  unreceived: async (limit) =>
    messagesOf(
      select(
        transcript.rows(),
        ({ message, received }) => message.from === 'operator' && !received,
        () => 0,
        limit,
      ),
    ),
  markReceived: async (chatId, id) => {
    const row = transcript.get(messageKey(chatId, id));
    if (row) transcript.put({ ...row, received: true });
  },
});
