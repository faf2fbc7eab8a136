import type { AgentPromise } from '../../domain/promise/promise.ts';

/** Promises that may still miss their deadline. */
export interface PromiseDeadlines {
  /** Unsettled promises whose deadline is not after `now`, earliest first. */
  overdue(now: number, limit: number): Promise<readonly AgentPromise[]>;
  /** The earliest deadline of a promise that is not settled. */
  nextDeadline(): Promise<number | undefined>;
}
