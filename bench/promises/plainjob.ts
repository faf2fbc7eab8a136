import Database from 'better-sqlite3-13';
import { better, defineQueue, defineWorker, JobStatus } from 'plainjob';
import type { Contender } from './contender.ts';

const QUIET = { error: console.error, warn: console.warn, info: () => undefined, debug: () => undefined };
const TYPE = 'bench';
/** Its default is a second. */
const POLL_MS = 10;

const plainjobAt = (synchronous: 'NORMAL' | 'FULL', durability: string): Contender => ({
  name: `plainjob, ${synchronous}`,
  store: 'SQLite',
  durability: `${durability} (synchronous=${synchronous})`,
  oneAtATime: true,
  open: async (path) => {
    const database = new Database(path, { timeout: 30_000 });
    const queue = defineQueue({ connection: better(database as never), logger: QUIET });
    database.pragma('busy_timeout = 30000');
    // It has asked for NORMAL.
    database.pragma(`synchronous = ${synchronous}`);
    return {
      add: async (text) => void queue.add(TYPE, text),
      addMany: async (texts) => void queue.addMany(TYPE, [...texts]),
      work: async (_, onJob) => {
        // It never lets go of the event loop while there is work: for the others in the process, every job does.
        const run = async ({ data }: { data: string }): Promise<void> => {
          onJob(JSON.parse(data));
          if (performance.now() < breathAt) return;
          breathAt = performance.now() + 10;
          await new Promise((resolve) => setImmediate(resolve));
        };
        let breathAt = 0;
        const worker = defineWorker(TYPE, run, { queue, logger: QUIET, pollIntervall: POLL_MS });
        const running = worker.start();
        return async () => {
          await worker.stop();
          await running;
        };
      },
      left: async () => queue.countJobs({ status: JobStatus.Pending }) + queue.countJobs({ status: JobStatus.Processing }),
      close: async () => queue.close(),
    };
  },
});

export const plainjobNormal = plainjobAt('NORMAL', 'kill -9');
export const plainjobFull = plainjobAt('FULL', 'power loss');
