import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { PortError, reasonOf } from '../../ports/port-error.ts';
import type { SearchResult } from '../../ports/workspace-files.ts';
import type { SearchAnswer, SearchTask } from './search-protocol.ts';
import { makeTurns } from './turns.ts';

/** The thread's file is beside this one, as TypeScript or as JavaScript. */
const THREAD = new URL(`./search-thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);
const MAX_HEAP_MB = 256;
/** A thread takes longer to start than most searches take, so threads are kept; the searches beyond them wait. */
const MAX_THREADS = Math.max(2, availableParallelism());
/** One tenant never has all threads, so other tenants always find one. */
const THREADS_PER_TENANT = Math.max(1, Math.floor(MAX_THREADS / 2));
const WAITING_PER_TENANT = 32;

export interface SearchLimits {
  /** Whose share of the threads it uses. */
  readonly tenant: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}
export type RunSearch = (task: SearchTask, limits: SearchLimits) => Promise<SearchResult>;

/**
 * Runs searches in threads of their own, shared fairly among tenants: a search of a large tree takes long, a thread can
 * be ended. Rejects with PortError `invalid-request` for a pattern that is none, `timeout` (of the search itself, not
 * of its wait), `aborted` (a search that waits leaves the queue), and `rate-limited` where too many of the tenant wait
 * already.
 */
export const makeSearchRunner = (secrets: readonly string[]): RunSearch => {
  const idle: Worker[] = [];
  const turns = makeTurns({ places: MAX_THREADS, perTenant: THREADS_PER_TENANT, waitingPerTenant: WAITING_PER_TENANT });

  const threadAtRest = (): Worker => {
    const thread = idle.pop() ?? new Worker(THREAD, { workerData: { secrets }, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } });
    thread.ref();
    return thread;
  };

  const rest = (thread: Worker): void => {
    thread.unref();
    // A thread may die while it rests, too.
    thread.on('error', () => undefined).on('exit', () => idle.includes(thread) && idle.splice(idle.indexOf(thread), 1));
    idle.push(thread);
  };

  return async (task, { tenant, signal, timeoutMs }) => {
    const { promise, resolve, reject } = Promise.withResolvers<SearchAnswer>();
    const fail = (code: 'aborted' | 'timeout' | 'unknown', message: string, cause?: unknown): void =>
      reject(new PortError(code, message, { retryable: false, cause }));
    const abort = (): void => fail('aborted', 'the search was stopped', signal.reason);
    const leave = await turns.take(tenant, signal);
    const thread = threadAtRest();
    const deadline = setTimeout(
      () => fail('timeout', `the search took longer than ${timeoutMs} ms: search below a narrower path, or for a simpler pattern`),
      timeoutMs,
    );
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    thread
      .removeAllListeners()
      .on('message', resolve)
      .on('error', (error) => fail('unknown', `the search failed: ${reasonOf(error)}`, error))
      .on('exit', () => fail('unknown', 'the search ended without an answer'));
    let answered = false;
    try {
      thread.postMessage(task);
      const answer = await promise;
      answered = true;
      if ('result' in answer) return answer.result;
      throw new PortError('invalid-request', `the pattern is not a regular expression: ${answer.refused}`, { retryable: false });
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener('abort', abort);
      thread.removeAllListeners();
      // Only a thread that has answered is known to be free; any other may search for ever.
      if (answered) rest(thread);
      else await thread.terminate();
      leave();
    }
  };
};
