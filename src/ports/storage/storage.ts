import type { KeyValueState } from './key-value-state.ts';
import type { LocalTranscript } from './local-transcript.ts';
import type { PromiseQueue } from './promise-queue.ts';
import type { Stores, UnitOfWork } from './unit-of-work.ts';

/**
 * Everything that one storage engine keeps, over one set of data: what a unit of work commits is what all of these see.
 */
export interface Storage {
  /** What it is and where, for people: `SQLite in ./data/system.db`. Holds no credentials. */
  readonly name: string;
  /** Random; made once with the data, and the same for every process on them. Empty: it is not made yet. */
  readonly id: string;
  /** Over no transaction: each call commits alone, and reads see only what is committed. */
  readonly stores: Stores;
  readonly unitOfWork: UnitOfWork;
  readonly queue: PromiseQueue;
  readonly transcript: LocalTranscript;
  /**
   * The state of that owner alone: a gateway by its name, or a part of Kept, as `outbox:telegram`, `progress:telegram`,
   * `models` or `health`.
   */
  state(owner: string): KeyValueState;
}
