import type { AppContext } from './container.ts';
import { bindAgents } from './modules/agents.ts';
import { bindHealth } from './modules/health.ts';
import { bindWork } from './modules/worker.ts';
import { TOKENS } from './tokens.ts';
import { endDeadLeases } from './worker-identity.ts';

/** The worker's composition. */
export const bindWorker = ({ container }: AppContext, lock: string): void => {
  bindAgents(container);
  bindWork(container, lock);
  bindHealth(container, { answers: false });
};

/** How long promises may continue after the process is asked to end. The rest is handed back. */
export const WORK_GRACE_MS = 15_000;

/** Starts to run promises. */
export const startWorker = async ({ get, lifecycle }: AppContext): Promise<void> => {
  const worker = await get(TOKENS.worker);
  const [{ queue }, { dataDir }, workerId, clock, events] = await Promise.all([
    get(TOKENS.storage),
    get(TOKENS.config),
    get(TOKENS.workerId),
    get(TOKENS.clock),
    get(TOKENS.events),
  ]);
  await (await get(TOKENS.engine)).startMaintenance();
  await endDeadLeases({ queue, dataDir, workerId, clock, events });
  lifecycle.onStop('promises', () => worker.stop(WORK_GRACE_MS, lifecycle.hurried));
  worker.start();
};
