import { Worker } from 'node:worker_threads';
import { PortError, reasonOf } from '../../ports/port-error.ts';
import type { SearchResult } from '../../ports/workspace-files.ts';
import type { SearchAnswer, SearchTask } from './search-protocol.ts';

/** Beside this file, in whichever form this file runs. */
const THREAD = new URL(`./search-thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);
const MAX_HEAP_MB = 256;

/**
 * Runs a search in a thread of its own: a regular expression can't be interrupted, a thread can be ended.
 * Rejects with PortError `invalid-request` for a pattern that is none, `timeout`, and `aborted`.
 */
export const runSearch = (
  task: SearchTask,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<SearchResult> => {
  const { promise, resolve, reject } = Promise.withResolvers<SearchResult>();
  const thread = new Worker(THREAD, { workerData: task, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } });
  const fail = (code: 'aborted' | 'timeout' | 'invalid-request' | 'unknown', message: string, cause?: unknown): void =>
    reject(new PortError(code, message, { retryable: false, cause }));
  const abort = (): void => fail('aborted', 'the search was stopped', signal.reason);
  const deadline = setTimeout(
    () => fail('timeout', `the search took longer than ${timeoutMs} ms: search below a narrower path, or for a simpler pattern`),
    timeoutMs,
  );
  signal.addEventListener('abort', abort);
  thread
    .on('message', (answer: SearchAnswer) =>
      'result' in answer ? resolve(answer.result) : fail('invalid-request', `the pattern is not a regular expression: ${answer.refused}`),
    )
    .on('error', (error) => fail('unknown', `the search failed: ${reasonOf(error)}`, error))
    .on('exit', () => fail('unknown', 'the search ended without an answer'));
  return promise.finally(() => {
    clearTimeout(deadline);
    signal.removeEventListener('abort', abort);
    return thread.terminate();
  });
};
