import { type Fact, type FactId, factFields, isSeenFrom } from '../../domain/index.ts';
import type { FactStore } from '../../ports/index.ts';
import { select } from './rows.ts';
import type { Tables } from './tables.ts';

export const makeFactStore = ({ facts, next }: Tables): FactStore => ({
  reserveIds: async (count) => Array.from({ length: count }, () => next('fact') as FactId),
  add: async (added) => {
    for (const fact of added) facts.put(factFields(fact));
  },
  find: async (place, limit) =>
    select(
      facts.rows(),
      (fact) => isSeenFrom(fact, place),
      (a: Fact, b: Fact) => b.id - a.id,
      limit,
    ),
  forget: async (ids) => {
    const there = ids.filter((id) => facts.get(id));
    for (const id of there) facts.remove(id);
    return new Set(there).size;
  },
});
