import type { Api } from 'telegram/tl/index.js';

interface Job {
  readonly work: () => Promise<unknown>;
  readonly updates?: Api.TypeUpdates;
}

/**
 * Runs one job at a time: nothing interleaves with a difference that is being fetched. Updates that come in meanwhile
 * wait.
 */
export const makeJobs = (signal: AbortSignal, failed: (error: unknown) => void) => {
  const jobs: Job[] = [];
  let gate = Promise.withResolvers<void>();
  let isOpen = false;
  let running = false;

  const run = async (): Promise<void> => {
    running = true;
    for (;;) {
      await gate.promise;
      const job = jobs.shift();
      if (!job || signal.aborted) break;
      try {
        await job.work();
      } catch (error) {
        failed(error);
      }
    }
    running = false;
  };

  return {
    /** `updates`: what the work is about. */
    add: (work: () => Promise<unknown>, updates?: Api.TypeUpdates): void => {
      if (signal.aborted) return;
      jobs.push({ work, ...(updates ? { updates } : {}) });
      if (!running) void run();
    },
    /** The updates that have come in and wait. */
    waiting: (): readonly Api.TypeUpdates[] => jobs.flatMap(({ updates }) => updates ?? []),
    /** Lets jobs begin: `first` before all that wait. */
    open: (first: Job['work']): void => {
      jobs.unshift({ work: first });
      isOpen = true;
      gate.resolve();
      if (!running) void run();
    },
    /** Lets no further job begin until `open`. Closed at first. */
    close: (): void => {
      if (isOpen) gate = Promise.withResolvers();
      isOpen = false;
    },
  };
};

export type Jobs = ReturnType<typeof makeJobs>;
