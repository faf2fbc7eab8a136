import type { ConversationStore, TurnStore } from '../../ports/index.ts';
import { concurrency, select } from './rows.ts';
import type { Tables } from './tables.ts';

export const makeConversationStore = ({ entries, next }: Tables): ConversationStore => ({
  append: async (added) => {
    for (const entry of added) entries.put({ sequence: next('entry'), entry });
  },
  recent: async (chatId, limit) => {
    const newest = select(
      entries.rows(),
      ({ entry }) => entry.chatId === chatId,
      (a, b) => b.sequence - a.sequence,
      limit,
    );
    return newest.reverse().map(({ entry }) => entry);
  },
});

export const makeTurnStore = ({ turns }: Tables): TurnStore => ({
  add: async (turn) => {
    if (turns.get(turn.id)) throw concurrency(`turn ${turn.id} is already recorded`);
    turns.put(turn);
  },
  get: async (id) => turns.get(id),
});
