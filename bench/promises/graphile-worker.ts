import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import type { Contender } from './contender.ts';
import { FSYNC } from './kept.ts';

const TASK = 'bench';
const logger = new Logger(() => (level, message) => {
  if (level === 'error') console.error(message);
});

const graphileWith = (name: string, batched: boolean): Contender => ({
  name,
  store: 'PostgreSQL',
  durability: batched ? `${FSYNC}; what was done may be done again` : FSYNC,
  open: async (url) => {
    const pool = new pg.Pool({ connectionString: url, max: 12 });
    pool.on('error', (error) => console.error(error));
    pool.on('connect', (client) => client.on('error', (error) => console.error(error)));
    const utils = await makeWorkerUtils({ pgPool: pool, logger });
    await utils.migrate();
    return {
      add: async (text) => void (await utils.addJob(TASK, { text })),
      addMany: async (texts) => void (await utils.addJobs(texts.map((text) => ({ identifier: TASK, payload: { text } })))),
      work: async (concurrency, onJob) => {
        const runner = await run({
          pgPool: pool,
          logger,
          concurrency,
          noHandleSignals: true,
          crontab: '',
          taskList: { [TASK]: async (payload) => onJob((payload as { text: string }).text) },
          ...(batched ? { preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } } } : {}),
        });
        return () => runner.stop();
      },
      left: async () => (await pool.query('SELECT count(*)::int AS count FROM graphile_worker.jobs')).rows[0].count,
      close: async () => {
        await utils.release();
        await pool.end();
      },
    };
  },
});

export const graphile = graphileWith('graphile-worker', false);
export const graphileBatched = graphileWith('graphile-worker, batched', true);
