import type { PromiseId } from '../../domain/promise/promise.ts';

/**
 * What to purge. A promise on which an unsettled one depends, or whose outcome is still being delivered, is never
 * purged.
 */
export interface PurgeRequest {
  /** Delivered promises that settled before this time (ms since 1970). */
  readonly settledBefore: number;
  /** Also undelivered promises that settled before this time. Must not be later than `settledBefore`. */
  readonly undeliveredBefore: number;
  readonly limit: number;
}

/** How long settled promises are kept. */
export interface PromiseRetention {
  /** The ids of those that `purge` would delete. */
  purgeable(request: PurgeRequest): Promise<readonly PromiseId[]>;
  /** Deletes promises with their outbox items, earliest settled first. Resolves to their ids. */
  purge(request: PurgeRequest): Promise<readonly PromiseId[]>;
}
