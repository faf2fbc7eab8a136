import { PortError } from '../../../src/ports/index.ts';

/** Calls that wait, each under its key, until they are released, made to fail, or aborted. */
export const makeGate = <Key>() => {
  const waiting = new Map<Key, { resolve: () => void; reject: (error: unknown) => void }>();
  const end = (key: Key) => {
    const call = waiting.get(key);
    if (!call) throw new Error(`nothing is held under ${String(key)}, only ${[...waiting.keys()].map(String)}`);
    waiting.delete(key);
    return call;
  };
  return {
    /** Keys of the calls that wait, in the order in which they came. */
    get held(): readonly Key[] {
      return [...waiting.keys()];
    },
    hold: (key: Key, signal?: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        waiting.set(key, { resolve, reject });
        signal?.addEventListener('abort', () => {
          waiting.delete(key);
          reject(new PortError('aborted', 'aborted', { retryable: false }));
        });
      }),
    release: (key: Key): void => end(key).resolve(),
    fail: (key: Key, error: unknown): void => end(key).reject(error),
  };
};
