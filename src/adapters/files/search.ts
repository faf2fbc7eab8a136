import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { PortError, reasonOf } from '../../ports/port-error.ts';
import type { SearchResult } from '../../ports/workspace-files.ts';
import type { SearchAnswer, SearchTask } from './search-protocol.ts';

/** Beside this file, in whichever form this file runs. */
const THREAD = new URL(`./search-thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);
const MAX_HEAP_MB = 256;
/** A thread takes longer to start than most searches take, so threads are kept; the searches beyond them wait. */
const MAX_THREADS = Math.max(2, availableParallelism());

export type RunSearch = (task: SearchTask, limits: { readonly signal: AbortSignal; readonly timeoutMs: number }) => Promise<SearchResult>;

/**
 * Runs searches in threads of their own: a regular expression can't be interrupted, a thread can be ended.
 * Rejects with PortError `invalid-request` for a pattern that is none, `timeout` (of the search itself, not of its wait), and `aborted`.
 */
export const makeSearchRunner = (): RunSearch => {
  const idle: Worker[] = [];
  const waiting: (() => void)[] = [];
  let busy = 0;

  const take = async (): Promise<Worker> => {
    if (busy >= MAX_THREADS) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy++;
    const thread = idle.pop() ?? new Worker(THREAD, { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } });
    thread.ref();
    return thread;
  };

  /** Its place goes to the next that waits. */
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else busy--;
  };

  const rest = (thread: Worker): void => {
    thread.unref();
    // A thread may die while it rests, too.
    thread.on('error', () => undefined).on('exit', () => idle.includes(thread) && idle.splice(idle.indexOf(thread), 1));
    idle.push(thread);
  };

  return async (task, { signal, timeoutMs }) => {
    const { promise, resolve, reject } = Promise.withResolvers<SearchAnswer>();
    const fail = (code: 'aborted' | 'timeout' | 'unknown', message: string, cause?: unknown): void =>
      reject(new PortError(code, message, { retryable: false, cause }));
    const abort = (): void => fail('aborted', 'the search was stopped', signal.reason);
    const thread = await take();
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
