import type { Usage } from '../domain/conversation/turn.ts';
import type { LeasedPromise } from '../domain/promise/promise.ts';
import type { Shown } from '../domain/trust/shown.ts';
import type { RunRecord } from './run-journal.ts';
import type { Spending } from './spending.ts';

export interface ExecuteOptions {
  readonly signal: AbortSignal;
  /**
   * Tells the people who wait, in a few words, what is being done. May be called at any rate: the newest text is shown
   * every few seconds. Never throws.
   */
  readonly progress: (text: string) => void;
  /**
   * Reports the usage of a paid call as soon as it is known, whatever the call's result. It counts for the promise's
   * chat, even if the attempt fails. Usage that is not reported here is taken from the result, or from the `usage` of
   * the PortError.
   */
  readonly onUsage?: (usage: Usage) => void;
  /**
   * Hands over the run that is worked on, before its first step: its last steps and its end are stored with the end of
   * the attempt, and its replies count once, whichever process they came to.
   */
  readonly onRun?: (run: RunRecord) => void;
  /** Hands over what the work is shown, before its first step: its result, and its failure, inherit that. */
  readonly onShown?: (shown: Pick<Shown, 'provenance'>) => void;
  /** Hands over what pays for the work, before anything is paid: it is stored with the end of the attempt. */
  readonly onSpending?: (spending: Spending) => void;
}

/** The result of the work on a promise. */
export interface WorkResult {
  /** For people; never empty. */
  readonly text: string;
  /** The usage of the whole work in this process; at least the sum of what `onUsage` was called with. */
  readonly usage: Usage;
  /** The model that wrote the result; absent where none did. */
  readonly model?: string;
}

/** Does a promise's work. */
export interface PromiseExecutor {
  /**
   * Resolves to the result. MUST reject with PortError if the work was not done: with `could-not` and the reason in
   * words if it cannot be done; `retryable` decides whether it is tried again. MUST end soon after `signal` aborts. May
   * be called more than once for one promise, because a worker may die in the middle.
   */
  execute(promise: LeasedPromise, options: ExecuteOptions): Promise<WorkResult>;
}
