import { PgBoss } from 'pg-boss';
import type { Contender } from './contender.ts';
import { FSYNC } from './kept.ts';

const QUEUE = 'bench';

/** As fast as its options make it: woken by NOTIFY, and again at once after each full batch. */
export const pgBoss: Contender = {
  name: 'pg-boss',
  store: 'PostgreSQL',
  durability: FSYNC,
  open: async (url) => {
    const boss = new PgBoss({ connectionString: url, max: 10, useListenNotify: true, schedule: false });
    boss.on('error', (error) => console.error(error));
    await boss.start();
    if (!(await boss.getQueue(QUEUE))) await boss.createQueue(QUEUE, { notify: true });
    return {
      add: async (text) => void (await boss.send(QUEUE, { text })),
      addMany: async (texts) =>
        void (await boss.insert(
          QUEUE,
          texts.map((text) => ({ data: { text } })),
        )),
      work: async (concurrency, onJob) => {
        const options = {
          batchSize: concurrency,
          burstWhenBatchFull: true,
          pollingIntervalSeconds: 0.5,
          notifyPollingIntervalSeconds: 0.5,
        };
        const id = await boss.work<{ text: string }>(QUEUE, options, async (jobs) => {
          for (const { data } of jobs) onJob(data.text);
        });
        return () => boss.offWork(QUEUE, { id, wait: true });
      },
      left: async () => {
        const { rows } = await boss
          .getDb()
          .executeSql(`SELECT count(*)::int AS count FROM pgboss.job WHERE name = $1 AND state < 'completed'`, [QUEUE]);
        return rows[0].count;
      },
      close: () => boss.stop({ graceful: false }),
    };
  },
};
