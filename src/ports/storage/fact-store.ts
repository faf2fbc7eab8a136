import type { Fact, FactId, FactOwner, FactPlace } from '../../domain/recall/fact.ts';

/** What people asked to be remembered. */
export interface FactStore {
  /** Resolves to numbers that are never given out again, in rising order. A number may stay unused. */
  reserveIds(count: number): Promise<readonly FactId[]>;
  add(facts: readonly Fact[]): Promise<void>;
  /** At most `limit` facts that are seen from there (`isSeenFrom`), newest first. */
  find(place: FactPlace, limit: number): Promise<readonly Fact[]>;
  /** How many facts are this owner's, wherever they were said. */
  count(owner: FactOwner): Promise<number>;
  /** Removes these facts. MUST leave nothing of them. Resolves to the number removed. */
  forget(ids: readonly FactId[]): Promise<number>;
}
