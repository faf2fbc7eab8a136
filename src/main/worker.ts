import type { Root } from './container.ts';
import { bindRunning } from './modules/agents.ts';
import { bindWork } from './modules/use-cases.ts';
import { TOKENS } from './tokens.ts';

/** The worker's composition: everything that keeps promises. */
export const bindWorker = ({ container }: Root): void => {
  bindRunning(container);
  bindWork(container);
};

/** How long promises may go on once the process is asked to end; what has not ended by then is handed back. */
const WORK_GRACE_MS = 15_000;

/** Starts to keep promises. */
export const startWorker = async ({ get, lifecycle }: Root): Promise<void> => {
  const worker = await get(TOKENS.promiseWorker);
  lifecycle.onStop('promises', () => worker.stop(WORK_GRACE_MS));
  worker.start();
};
