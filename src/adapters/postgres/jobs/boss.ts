import { PgBoss, type QueueResult } from 'pg-boss';
import { TASK_TYPES } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { type EngineNotices, PortError, reasonOf, silentEngineNotices } from '../../../ports/index.ts';
import type { Reach } from '../reach.ts';
import type { JobEngine } from './job-engine.ts';
import { DEAD_LETTERS, makePromiseJobs, type PromiseJobs, queueOf } from './jobs.ts';

const DAY = 24 * 60 * 60;
/**
 * The lease decides how long a worker may hold a promise, so the limits of pg-boss lie far beyond it: if pg-boss
 * returns such a job to its queue, the next claim finds its promise in progress and deletes the job.
 */
const QUEUE = { policy: 'standard', expireInSeconds: DAY - 1, retryLimit: 1_000, retentionSeconds: 10 * 365 * DAY, deleteAfterSeconds: 60 };
/** Dead letters are kept as long as settled promises are by default. */
const FAILED = { ...QUEUE, retentionSeconds: 7 * DAY };
const QUEUES = new Map([[DEAD_LETTERS, FAILED], ...TASK_TYPES.map((type) => [queueOf(type), QUEUE] as const)]);

/** pg-boss with Kept's queues. It does not connect before `start`. */
export interface Boss extends PromiseJobs {
  readonly engine: JobEngine;
  /**
   * Makes or updates pg-boss's schema `pgboss` and Kept's queues, and starts pg-boss's maintenance. Any number of
   * processes may do so at the same moment. Rejects with PortError `unavailable`.
   */
  start(): Promise<void>;
  /** Ends its maintenance and its connections. The storage, which works through it, MUST be closed first. */
  close(): Promise<void>;
}

/**
 * pg-boss in the database at `url`. Its maintenance uses up to two connections of its own; everything else runs in the
 * storage's transactions.
 */
export const makeBoss = ({
  url,
  connectTimeoutMs,
  bindsChannel = false,
  notice = silentEngineNotices,
}: Reach & { readonly notice?: EngineNotices }): Boss => {
  // The driver gets these as they are; pg-boss's types do not name all of them.
  const reach = {
    connectionString: url,
    enableChannelBinding: bindsChannel,
    ...present({ connectionTimeoutMillis: connectTimeoutMs }),
  };
  const boss = new PgBoss({
    ...reach,
    max: 2,
    application_name: 'kept-queue',
    schedule: false,
    registerInstance: false,
    // Traces are made of events; these spans would be in nobody's trace.
    openTelemetry: { enabled: false },
  });
  boss.on('error', (error) => notice('queue-upkeep-failed', { reason: reasonOf(error) }));
  boss.on('warning', ({ message, data }) => notice('queue-warned', { warning: message, data }));
  return {
    ...makePromiseJobs(boss),
    engine: boss,
    start: async () => {
      try {
        await boss.start();
        await makeQueues(boss);
      } catch (error) {
        await boss.stop({ graceful: false });
        throw new PortError('unavailable', `the job queue in PostgreSQL can't be opened: ${reasonOf(error)}`, {
          retryable: true,
          cause: error,
        });
      }
    },
    close: () => boss.stop(),
  };
};

const makeQueues = async (boss: PgBoss): Promise<void> => {
  const existing = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]));
  for (const [name, options] of QUEUES) {
    const found = existing.get(name);
    if (!found) await boss.createQueue(name, options);
    else await update(boss, found, options);
  }
};

const update = async (boss: PgBoss, found: QueueResult, { policy: _, ...options }: typeof QUEUE): Promise<void> => {
  const changed = Object.entries(options).some(([key, value]) => found[key as keyof typeof options] !== value);
  if (changed) await boss.updateQueue(found.name, options);
};
