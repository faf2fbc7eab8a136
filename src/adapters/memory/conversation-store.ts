import {
  addUsage,
  type ChatId,
  entryFields,
  isAbout,
  isFound,
  type MessageId,
  NO_USAGE,
  revisedStep,
  saidIn,
  stepWithout,
  turnFields,
  wordsOf,
} from '../../domain/index.ts';
import type { ConversationStore, TurnStore } from '../../ports/index.ts';
import { select } from './rows.ts';
import type { EntryRow, Tables } from './tables.ts';

export const makeConversationStore = ({ entries, summaries, forgotten, next }: Tables): ConversationStore => {
  const newest = (chatId: ChatId, place: number, limit: number): EntryRow[] => {
    const upTo = Math.max(place, forgotten.get(chatId)?.upTo ?? 0);
    const found = select(
      entries.rows(),
      ({ sequence, entry }) => entry.chatId === chatId && sequence > upTo,
      (a, b) => b.sequence - a.sequence,
      limit,
    );
    return found.reverse();
  };
  /** A summary of what is changed in these rows is none any more. */
  const changed = (chatId: ChatId, rows: readonly EntryRow[]): readonly EntryRow[] => {
    const upTo = summaries.get(chatId)?.upTo ?? 0;
    if (rows.some(({ sequence }) => sequence <= upTo)) summaries.remove(chatId);
    return rows;
  };
  return {
    append: async (added) => {
      for (const entry of added) entries.put({ sequence: next('entry'), entry: entryFields(entry) });
    },
    recent: async (chatId, limit) => newest(chatId, 0, limit).map(({ entry }) => entry),
    after: async (chatId, place, limit) => newest(chatId, place, limit).map(({ sequence, entry }) => ({ place: sequence, entry })),
    search: async (chatId, query, limit) =>
      select(
        entries.rows(),
        ({ entry }) => entry.chatId === chatId && isFound(wordsOf(saidIn(entry.step)), query),
        (a, b) => b.sequence - a.sequence,
        limit,
      ).map(({ entry }) => entry),
    revise: async (chatId, messageId, text) => {
      for (const row of changed(chatId, rowsAbout(entries.rows(), [messageId], chatId)))
        entries.put({ ...row, entry: { ...row.entry, step: revisedStep(row.entry.step, messageId, text) } });
    },
    erase: async (chatId, messageIds) => {
      for (const row of changed(chatId, rowsAbout(entries.rows(), messageIds, chatId))) {
        const step = stepWithout(row.entry.step, messageIds);
        if (!step) entries.remove(row.sequence);
        else entries.put({ ...row, entry: { ...row.entry, step } });
      }
    },
    chatsAbout: async (messageIds) => [...new Set(rowsAbout(entries.rows(), messageIds).map(({ entry }) => entry.chatId))].sort(),
    forget: async (chatId) => {
      forgotten.put({ chatId, upTo: next('entry') });
      summaries.remove(chatId);
    },
  };
};

const rowsAbout = (rows: Iterable<EntryRow>, ids: readonly MessageId[], chatId?: ChatId): EntryRow[] =>
  [...rows].filter(({ entry }) => (chatId === undefined || entry.chatId === chatId) && isAbout(entry.step, ids));

export const makeTurnStore = ({ turns }: Tables): TurnStore => ({
  add: async (turn) => {
    if (!turns.get(turn.id)) turns.put(turnFields(turn));
  },
  get: async (id) => turns.get(id),
  usage: async (chatId, since) => {
    const counted = [...turns.rows()].filter((turn) => turn.chatId === chatId && turn.endedAt >= since);
    const attempts = counted.filter(({ outcome }) => outcome === 'attempt').length;
    return { ...counted.map(({ usage }) => usage).reduce(addUsage, NO_USAGE), turns: counted.length - attempts, attempts };
  },
});
