import type { FullText } from '../sql/sql.ts';

/** Words hold letters and digits alone; a chat's id may hold quotes. */
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** The chat is searched for, too: a word that is said everywhere must not cost a look at every chat's entries. */
export const fullText: FullText = {
  stored: (words) => (words.length === 0 ? null : words.join(' ')),
  column: (value) => value,
  select: `SELECT conversation.at, conversation.turn_id, conversation.step FROM conversation_words
    JOIN conversation ON conversation.id = conversation_words.rowid
    WHERE conversation_words MATCH ? AND conversation.chat_id = ? ORDER BY conversation_words.rowid DESC LIMIT ?`,
  query: (chatId, query) =>
    [
      `chat_id : ${quoted(chatId)}`,
      ...query.map(({ words, isBeginning }) => `words : ${quoted(words.join(' '))}${isBeginning ? ' *' : ''}`),
    ].join(' AND '),
};
