import type { AgentPromise, PromiseId, PromiseProgress } from '../../domain/promise/promise.ts';
import type { PromiseDeadlines } from './promise-deadlines.ts';
import type { PromiseDelivery } from './promise-delivery.ts';
import type { PromiseQueries } from './promise-queries.ts';
import type { PromiseRetention } from './promise-retention.ts';

/** Promises by their ids: made, read and changed. */
export interface PromiseStore {
  /** Resolves to numbers that are never given out again, in rising order. A number may stay unused. */
  reserveIds(count: number): Promise<readonly PromiseId[]>;
  /** MUST reject with PortError `concurrency`, and store none, when an id or an (idempotency key, chat) is taken. */
  add(promises: readonly AgentPromise[]): Promise<void>;
  get(id: PromiseId): Promise<AgentPromise | undefined>;
  /** The promises that exist, sorted by id. */
  getMany(ids: readonly PromiseId[]): Promise<readonly AgentPromise[]>;
  /**
   * Locks these promises until the unit of work ends, and stores the state that `change` gives for each, with a version
   * that is higher by one. Where `change` gives undefined, the promise stays as it is. Resolves to all that exist, as
   * they then stand, in the order of their ids.
   *
   * `change` is pure: it is called once for each promise, with what is stored at that moment. MUST store nothing when
   * it throws. MUST store of what it gives the state alone, never the terms (`PromiseSpec`) but for the deadline.
   *
   * MUST be visible to every reader, in every process, once the unit of work that it belongs to has resolved. A promise
   * that begins to wait, stored by `add` or `update`, MUST NOT miss that a parent settles at the same moment: either
   * this unit sees it settled, or the unit that settles it sees the child.
   */
  update(ids: readonly PromiseId[], change: (stored: AgentPromise) => AgentPromise | undefined): Promise<readonly AgentPromise[]>;
  /**
   * Promises in `waiting` that depend on one of these, sorted by id. Inside a unit of work, nobody else changes them
   * until the unit ends.
   */
  waitingOn(parents: readonly PromiseId[]): Promise<readonly AgentPromise[]>;
  /**
   * Records the progress of a running attempt if that worker holds the promise. Resolves to whether it does. MUST NOT
   * count as a change of version.
   */
  noteProgress(id: PromiseId, workerId: string, progress: PromiseProgress): Promise<boolean>;
}

/** Everything that is stored about promises, by who asks. */
export interface PromiseStores extends PromiseStore, PromiseQueries, PromiseDeadlines, PromiseDelivery, PromiseRetention {}
