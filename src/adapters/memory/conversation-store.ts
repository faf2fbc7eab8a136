import { addUsage, entryFields, NO_USAGE, turnFields } from '../../domain/index.ts';
import type { ConversationStore, TurnStore } from '../../ports/index.ts';
import { concurrency, select } from './rows.ts';
import type { Tables } from './tables.ts';

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
  forget: async (chatId) => forgotten.put({ chatId, upTo: next('entry') }),
});

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
