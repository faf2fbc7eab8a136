import type { Usage } from '../domain/conversation/turn.ts';
import type { LeasedPromise } from '../domain/promise/promise.ts';

export interface ExecuteOptions {
  readonly signal: AbortSignal;
  /**
   * Says in a few words what is done now, for those who wait. To be called as often as one likes: it is shown every few
   * seconds, and never fails.
   */
  readonly progress: (text: string) => void;
  /**
   * Says what a paid call has used, as soon as that is known, whatever it came to. Counted to the promise's chat, also
   * where the attempt fails. What is never told here is told by the result.
   */
  readonly onUsage?: (usage: Usage) => void;
}

/** What the work on a promise came to. */
export interface WorkResult {
  /** For people; never empty. */
  readonly text: string;
  /** All that the work has used, and no less than `onUsage` was told of. */
  readonly usage: Usage;
  /** The model that wrote the result; absent where none did. */
  readonly model?: string;
}

/** Does a promise's work. */
export interface PromiseExecutor {
  /**
   * Resolves to the result. MUST reject where the work was not done: `could-not`, with the reason in words. May be
   * called more than once for one promise, as a worker may die in the middle.
   * MUST end soon after `signal` aborts. Rejects with PortError; `retryable` decides whether it is tried again.
   */
  execute(promise: LeasedPromise, options: ExecuteOptions): Promise<WorkResult>;
}
