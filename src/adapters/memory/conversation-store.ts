import {
  addUsage,
  type ChatId,
  entryFields,
  isAbout,
  type MessageId,
  NO_USAGE,
  revisedStep,
  stepWithout,
  turnFields,
} from '../../domain/index.ts';
import type { ConversationStore, TurnStore } from '../../ports/index.ts';
import { concurrency, select } from './rows.ts';
import type { EntryRow, Tables } from './tables.ts';

export const makeConversationStore = ({ entries, forgotten, next }: Tables): ConversationStore => ({
  append: async (added) => {
    for (const entry of added) entries.put({ sequence: next('entry'), entry: entryFields(entry) });
  },
  recent: async (chatId, limit) => {
    const upTo = forgotten.get(chatId)?.upTo ?? 0;
    const newest = select(
      entries.rows(),
      ({ sequence, entry }) => entry.chatId === chatId && sequence > upTo,
      (a, b) => b.sequence - a.sequence,
      limit,
    );
    return newest.reverse().map(({ entry }) => entry);
  },
  revise: async (chatId, messageId, text) => {
    for (const row of rowsAbout(entries.rows(), [messageId], chatId))
      entries.put({ ...row, entry: { ...row.entry, step: revisedStep(row.entry.step, messageId, text) } });
  },
  erase: async (chatId, messageIds) => {
    for (const row of rowsAbout(entries.rows(), messageIds, chatId)) {
      const step = stepWithout(row.entry.step, messageIds);
      if (!step) entries.remove(row.sequence);
      else entries.put({ ...row, entry: { ...row.entry, step } });
    }
  },
  chatsAbout: async (messageIds) => [...new Set(rowsAbout(entries.rows(), messageIds).map(({ entry }) => entry.chatId))].sort(),
  forget: async (chatId) => forgotten.put({ chatId, upTo: next('entry') }),
});

const rowsAbout = (rows: Iterable<EntryRow>, ids: readonly MessageId[], chatId?: ChatId): EntryRow[] =>
  [...rows].filter(({ entry }) => (chatId === undefined || entry.chatId === chatId) && isAbout(entry.step, ids));

export const makeTurnStore = ({ turns }: Tables): TurnStore => ({
  add: async (turn) => {
    if (turns.get(turn.id)) throw concurrency(`turn ${turn.id} is already recorded`);
    turns.put(turnFields(turn));
  },
  get: async (id) => turns.get(id),
  usage: async (chatId, since) => {
    const counted = [...turns.rows()].filter((turn) => turn.chatId === chatId && turn.endedAt >= since);
    const attempts = counted.filter(({ outcome }) => outcome === 'attempt').length;
    return { ...counted.map(({ usage }) => usage).reduce(addUsage, NO_USAGE), turns: counted.length - attempts, attempts };
  },
});
