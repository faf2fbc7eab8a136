import type { LeasedPromise } from '../domain/promise/promise.ts';

/** Does a promise's work. */
export interface PromiseExecutor {
  /**
   * Resolves to the result as text for people. It may run more than once for one promise (a worker may die in the middle).
   * MUST end soon after `signal` aborts. Rejects with PortError; `retryable` decides whether it is tried again.
   */
  execute(promise: LeasedPromise, options: { readonly signal: AbortSignal }): Promise<string>;
}
