import { type Fact, type FactId, factFields, isOwnedBy, isSeenFrom } from '../../domain/index.ts';
import type { FactStore } from '../../ports/index.ts';
import { select } from './rows.ts';
import type { Tables } from './tables.ts';

const byNumber = (a: Fact, b: Fact): number => b.id - a.id;

export const makeFactStore = ({ facts, next }: Tables): FactStore => ({
  reserveIds: async (count) => Array.from({ length: count }, () => next('fact') as FactId),
  add: async (added) => {
    for (const fact of added) facts.put(factFields(fact));
  },
  find: async (place, limit) => select(facts.rows(), (fact) => isSeenFrom(fact, place), byNumber, limit),
  count: async (owner) => select(facts.rows(), (fact) => isOwnedBy(fact, owner), byNumber).length,
  forget: async (ids) => {
    const there = ids.filter((id) => facts.get(id));
    for (const id of there) facts.remove(id);
    return new Set(there).size;
  },
});
