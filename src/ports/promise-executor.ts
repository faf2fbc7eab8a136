import type { Usage } from '../domain/conversation/turn.ts';
import type { LeasedPromise } from '../domain/promise/promise.ts';

export interface ExecuteOptions {
  readonly signal: AbortSignal;
  /**
   * Says in a few words what is done now, for those who wait. To be called as often as one likes: it is shown every few
   * seconds, and never fails.
   */
  readonly progress: (text: string) => void;
  /** Says what a paid call has used, as soon as that is known, whatever it came to. Counted to the promise's chat. */
  readonly onUsage?: (usage: Usage) => void;
}

/** Does a promise's work. */
export interface PromiseExecutor {
  /**
   * Resolves to the result as text for people, never empty. Work that was not done MUST reject: `could-not`, with the
   * reason in words. It may run more than once for one promise (a worker may die in the middle).
   * MUST end soon after `signal` aborts. Rejects with PortError; `retryable` decides whether it is tried again.
   */
  execute(promise: LeasedPromise, options: ExecuteOptions): Promise<string>;
}
