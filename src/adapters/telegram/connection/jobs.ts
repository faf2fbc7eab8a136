import type { Api } from 'telegram/tl/index.js';

interface Job {
  readonly work: () => Promise<unknown>;
  readonly updates?: Api.TypeUpdates;
}

/** One thing at a time: nothing interleaves with a difference that is being fetched; what comes in meanwhile waits its turn. */
export const makeJobs = (signal: AbortSignal, failed: (error: unknown) => void) => {
  const jobs: Job[] = [];
  const opened = Promise.withResolvers<void>();
  let running = false;

  const run = async (): Promise<void> => {
    running = true;
    await opened.promise;
    for (let job = jobs.shift(); job && !signal.aborted; job = jobs.shift())
      try {
        await job.work();
      } catch (error) {
        failed(error);
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
    /** What has come in and waits. */
    waiting: (): readonly Api.TypeUpdates[] => jobs.flatMap(({ updates }) => updates ?? []),
    /** Lets the first one begin. */
    open: (): void => opened.resolve(),
  };
};
