import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type {
  AgentPromise,
  LeasedPromise,
  PromiseId,
  PromiseProgress,
  PromiseStatus,
  SettledPromise,
  TaskType,
} from '../../domain/promise/promise.ts';

export interface PromiseFilter {
  readonly statuses?: readonly PromiseStatus[];
  readonly chatId?: ChatId;
  readonly messageId?: MessageId;
  readonly taskTypes?: readonly TaskType[];
  readonly tenant?: string;
  /** Newest first where true; else oldest first. */
  readonly newestFirst?: boolean;
  readonly limit: number;
}

/** What may go: never a promise that an unsettled one depends on, nor one whose outcome is on its way to its chat. */
export interface PurgeRequest {
  /** Delivered promises that settled before this time (ms since 1970). */
  readonly settledBefore: number;
  /** Those that settled before this time as well as before the other, also where their outcome was never delivered. */
  readonly undeliveredBefore: number;
  readonly limit: number;
}

export interface PromiseStore {
  /** Numbers never handed out before or again, in rising order; a number whose promise is never stored stays unused. */
  reserveIds(count: number): Promise<readonly PromiseId[]>;
  /** MUST reject with PortError `concurrency`, and store none, when an id or an (idempotency key, chat) is taken. */
  add(promises: readonly AgentPromise[]): Promise<void>;
  get(id: PromiseId): Promise<AgentPromise | undefined>;
  /** Those that exist, in the order of their ids. */
  getMany(ids: readonly PromiseId[]): Promise<readonly AgentPromise[]>;
  /** As `getMany`; and inside a unit of work, nobody else changes them until that ends. */
  hold(ids: readonly PromiseId[]): Promise<readonly AgentPromise[]>;
  find(filter: PromiseFilter): Promise<readonly AgentPromise[]>;
  /** How many promises of that chat have not settled. */
  countOpen(chatId: ChatId): Promise<number>;
  findByKey(chatId: ChatId, idempotencyKey: string): Promise<AgentPromise | undefined>;
  /**
   * Promises in `waiting` that depend on one of these, in the order of their ids. Inside a unit of work: nobody else
   * changes them until that ends.
   */
  waitingOn(parents: readonly PromiseId[]): Promise<readonly AgentPromise[]>;
  /**
   * Stores the state that a transition gave. MUST reject with PortError `concurrency` when the stored version differs
   * from `promise.version`; the stored version then grows by one. MUST be visible to every reader, in every process,
   * once the unit of work that it belongs to has resolved. A promise that begins to wait, stored by `add` or by these,
   * MUST NOT miss that a parent settles at the same moment: either this unit sees it settled, or the unit that settles
   * it sees the child.
   */
  save(promise: AgentPromise): Promise<void>;
  /** `save` for many: all of them, or none. MUST reject with PortError `concurrency` when one is among them twice. */
  saveMany(promises: readonly AgentPromise[]): Promise<void>;
  /**
   * Records what a running attempt tells of itself, as long as that worker holds the promise; resolves to whether it
   * does. MUST NOT count as a change of version.
   */
  noteProgress(id: PromiseId, workerId: string, progress: PromiseProgress): Promise<boolean>;
  /** Not settled, and their deadline is not after `now`; the earliest first. */
  overdue(now: number, limit: number): Promise<readonly AgentPromise[]>;
  /** The earliest deadline of a promise that is not settled. */
  nextDeadline(): Promise<number | undefined>;
  /** Records that a settled promise's outcome reached its chat. MUST NOT count as a change of version. */
  markDelivered(id: PromiseId, at: number): Promise<void>;
  /** Newest first: settled, made in a chat, and its outcome not delivered. */
  undelivered(limit: number): Promise<readonly SettledPromise[]>;
  /**
   * Of that chat, in the order of their ids: settled, and their outcome was given up: the outbox holds a failed item of
   * theirs, and no pending one.
   */
  lostOutcomes(chatId: ChatId, limit: number): Promise<readonly SettledPromise[]>;
  /** The numbers of those that `purge` would delete. */
  purgeable(request: PurgeRequest): Promise<readonly PromiseId[]>;
  /** Deletes promises, those first that settled first, with their items in the outbox; resolves to their numbers. */
  purge(request: PurgeRequest): Promise<readonly PromiseId[]>;
  stats(): Promise<Readonly<Record<PromiseStatus, number>>>;
}

export interface ClaimRequest {
  readonly workerId: string;
  readonly now: number;
  readonly leaseMs: number;
  readonly limit: number;
  /**
   * How many promises of one tenant may be in progress at once, over all workers; what is due beyond that MUST NOT hold
   * up other tenants.
   */
  readonly perTenant?: number;
  /**
   * How many of a type this claim may bring, `limit` where it does not say. A type with no room MUST NOT hold up the
   * others.
   */
  readonly room?: Readonly<Partial<Record<TaskType, number>>>;
}

export type EndedRun = Pick<LeasedPromise, 'id' | 'attempts'>;

/**
 * Hands due promises to workers. MUST never let two workers hold one promise at a time. Every time is the caller's: an
 * engine that goes by a clock of its own MUST translate the times of leases, here and in its stores.
 */
export interface PromiseQueue {
  /**
   * Starts (see `transition`) up to `limit` promises for `workerId`: due ones, and those whose lease has run out;
   * whatever their task type by priority, of one priority those first that were made, or fell due, first. MUST equal
   * what `transition` with `start` gives. Fewer than `limit` does not mean that no more are due.
   */
  claim(request: ClaimRequest): Promise<readonly LeasedPromise[]>;
  /**
   * Extends the leases that this worker still holds, and resolves to their ids: the others are lost or cancelled.
   * MUST NOT shorten a lease: a call may arrive late, or after the clock was put back, while the worker counts on the
   * lease that it has.
   */
  heartbeat(request: {
    readonly workerId: string;
    readonly ids: readonly PromiseId[];
    readonly now: number;
    readonly leaseMs: number;
  }): Promise<readonly PromiseId[]>;
  /** Which of these this worker still holds. Reads only. */
  held(workerId: string, ids: readonly PromiseId[]): Promise<readonly PromiseId[]>;
  /** The workers that leases name, also those of which settled promises keep a lease. */
  holders(): Promise<readonly string[]>;
  /**
   * Ends the leases of workers that are known to be dead, without waiting for them to run out: what they held may be
   * claimed from `now` on, and of what settled over their heads the lease is gone. MUST NOT count as a change of
   * version.
   */
  endLeases(workerIds: readonly string[], now: number): Promise<void>;
  /**
   * These runs of this worker, each named by its promise and attempt, have ended: of those whose promise settled over
   * its head, the lease is gone. MUST change nothing else, and MUST NOT count as a change of version.
   */
  letGo(workerId: string, runs: readonly EndedRun[]): Promise<void>;
  /** When the next promise may be claimed: the earliest due time or end of a lease; undefined when there is none. */
  nextDueAt(): Promise<number | undefined>;
}
