import { AsyncLocalStorage } from 'node:async_hooks';
import type { EndedScope, ObservedCorrelation, WorkScope } from '../../ports/index.ts';

interface Frame {
  readonly scope: WorkScope;
  readonly outer: Frame | undefined;
  isOver: boolean;
}

/** Follows the running code across its waits by Node's `AsyncLocalStorage`. */
export const makeCorrelation = (): ObservedCorrelation => {
  const frames = new AsyncLocalStorage<Frame>();
  const listeners = new Set<(ended: EndedScope) => void>();

  const running = (): Frame | undefined => {
    let frame = frames.getStore();
    while (frame?.isOver) frame = frame.outer;
    return frame;
  };

  return {
    run: (scope, work) => {
      // What has ended is left behind: a chain of frames would keep all of them in memory.
      const frame: Frame = { scope, outer: running(), isOver: false };
      const startedAt = Date.now();
      const begin = performance.now();
      const end = (isFailed: boolean): void => {
        frame.isOver = true;
        const durationMs = performance.now() - begin;
        for (const listener of listeners) listener({ scope, startedAt, durationMs, isFailed });
      };
      return frames.run(frame, () => {
        try {
          const result = work();
          if (result instanceof Promise)
            result.then(
              () => end(false),
              () => end(true),
            );
          else end(false);
          return result;
        } catch (error) {
          end(true);
          throw error;
        }
      });
    },
    current: () => running()?.scope,
    onEnd: (listener) => {
      const own = (ended: EndedScope): void => listener(ended);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
};

/** The correlation of this process. */
export const systemCorrelation: ObservedCorrelation = makeCorrelation();
