import type { PromiseId } from '../../domain/promise/promise.ts';

/** What may go: never a promise that an unsettled one depends on, nor one whose outcome is on its way to its chat. */
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
  /** Deletes promises, those first that settled first, with their items in the outbox; resolves to their ids. */
  purge(request: PurgeRequest): Promise<readonly PromiseId[]>;
}
