import { createPostgresBackend, type Job, Queue, Worker } from 'bullmq';
import type { Contender } from './contender.ts';
import { FSYNC } from './kept.ts';

const NAME = 'bench';

/** On PostgreSQL, as everybody else here. */
export const bullmq: Contender = {
  name: 'BullMQ on PostgreSQL',
  store: 'PostgreSQL',
  durability: FSYNC,
  open: async (connectionString) => {
    const connection = { connectionString, max: 10, migrate: true };
    const queue = new Queue(NAME, { connection }, createPostgresBackend);
    await queue.waitUntilReady();
    return {
      add: async (text) => void (await queue.add(NAME, { text })),
      addMany: async (texts) => void (await queue.addBulk(texts.map((text) => ({ name: NAME, data: { text } })))),
      work: async (concurrency, onJob) => {
        const worker = new Worker(
          NAME,
          async ({ data }: Job<{ text: string }>) => onJob(data.text),
          { connection, concurrency, removeOnComplete: { count: 0 } },
          createPostgresBackend,
        );
        worker.on('error', (error) => console.error(error));
        await worker.waitUntilReady();
        return () => worker.close();
      },
      left: async () => {
        const { waiting = 0, active = 0, prioritized = 0 } = await queue.getJobCounts('waiting', 'active', 'prioritized');
        return waiting + active + prioritized;
      },
      close: () => queue.close(),
    };
  },
};
