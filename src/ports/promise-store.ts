import type { ChatId, MessageId } from '../domain/message/ids.ts';
import type { AgentPromise, LeasedPromise, PromiseId, PromiseStatus, SettledPromise } from '../domain/promise/promise.ts';

export interface PromiseFilter {
  readonly statuses?: readonly PromiseStatus[];
  readonly chatId?: ChatId;
  readonly messageId?: MessageId;
  /** Newest first where true; else oldest first. */
  readonly newestFirst?: boolean;
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
  find(filter: PromiseFilter): Promise<readonly AgentPromise[]>;
  findByKey(chatId: ChatId, idempotencyKey: string): Promise<AgentPromise | undefined>;
  /** Promises in `waiting` that depend on this one. */
  waitingOn(parent: PromiseId): Promise<readonly AgentPromise[]>;
  /**
   * Stores the state that a transition gave. MUST reject with PortError `concurrency` when the stored version differs from
   * `promise.version`; the stored version then grows by one. MUST be visible to every reader, in every process, once the
   * unit of work that it belongs to has resolved.
   */
  save(promise: AgentPromise): Promise<void>;
  /** Records that a settled promise's outcome reached its chat. MUST NOT count as a change of version. */
  markDelivered(id: PromiseId, at: number): Promise<void>;
  /** Newest first: settled, made in a chat, and its outcome not delivered. */
  undelivered(limit: number): Promise<readonly SettledPromise[]>;
  stats(): Promise<Readonly<Record<PromiseStatus, number>>>;
}

/** Hands due promises to workers. MUST never let two workers hold one promise at a time. */
export interface PromiseQueue {
  /**
   * Starts (see `transition`) up to `limit` promises for `workerId`: due ones, by priority, then due time, then id; and those whose
   * lease has run out. MUST equal what `transition` with `start` gives.
   */
  claim(request: {
    readonly workerId: string;
    readonly now: number;
    readonly leaseMs: number;
    readonly limit: number;
  }): Promise<readonly LeasedPromise[]>;
  /** Extends the leases that this worker still holds, and resolves to their ids: the others are lost or cancelled. */
  heartbeat(request: {
    readonly workerId: string;
    readonly ids: readonly PromiseId[];
    readonly now: number;
    readonly leaseMs: number;
  }): Promise<readonly PromiseId[]>;
  /** Which of these this worker still holds. Reads only. */
  held(workerId: string, ids: readonly PromiseId[]): Promise<readonly PromiseId[]>;
  /** The workers that hold leases. */
  holders(): Promise<readonly string[]>;
  /** Ends the leases of workers that are known to be dead: what they held may be claimed from `now` on, without waiting for the leases to run out. */
  endLeases(workerIds: readonly string[], now: number): Promise<void>;
  /** When the next promise may be claimed: the earliest due time or end of a lease; undefined when there is none. */
  nextDueAt(): Promise<number | undefined>;
}
