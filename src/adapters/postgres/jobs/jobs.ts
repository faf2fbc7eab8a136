import type { JobInsert } from 'pg-boss';
import { type AgentPromise, isSettled, type PendingPromise, type PromiseId, TASK_TYPES, type TaskType } from '../../../domain/index.ts';
import type { PostgresTransaction } from '../sql.ts';
import type { JobEngine } from './job-engine.ts';

/** Jobs of promises that failed for good, for whoever watches pg-boss; nobody works on them. */
export const DEAD_LETTERS = 'kept-failed';
export const queueOf = (taskType: TaskType): string => `kept-${taskType}`;
export const QUEUE_NAMES = TASK_TYPES.map(queueOf);

/** What a job carries: whose turn it is. Everything else stands in the promise. */
export interface JobData {
  readonly promise: PromiseId;
}

/**
 * A promise has at most one job, of this id, in the queue of its type. It begins with the priority: where a tenant has
 * fewer places than jobs, pg-boss keeps those whose ids come first.
 */
const jobIdOf = ({ id, priority }: Pick<AgentPromise, 'id' | 'priority'>): string =>
  (priority.toString(16).padStart(2, '0') + id.toString(16).padStart(30, '0')).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
/** The same in SQL. */
export const JOB_ID = "(lpad(to_hex(promises.priority), 2, '0') || lpad(to_hex(promises.id), 30, '0'))::uuid";

/** The jobs of promises, kept in step with them inside the transactions that change them. */
export interface PromiseJobs {
  /**
   * Gives each promise that is pending its job, and ends those of promises that are settled: in `transaction`, so that
   * promise and job commit together. `changes` are states as they are saved; a promise that is in progress keeps what
   * it has.
   */
  follow(transaction: PostgresTransaction, changes: readonly AgentPromise[]): Promise<void>;
  /** Gives pending promises a new job each, whatever has become of the old one. */
  renew(transaction: PostgresTransaction, promises: readonly PendingPromise[]): Promise<void>;
}

export const makePromiseJobs = (boss: JobEngine): PromiseJobs => {
  const add = async (db: PostgresTransaction, queue: string, jobs: JobInsert<JobData>[]): Promise<void> => {
    if (jobs.length > 0) await boss.insert(queue, jobs, { db });
  };
  const remove = async (db: PostgresTransaction, queue: string, promises: readonly AgentPromise[]): Promise<void> => {
    const ids = promises.map(jobIdOf);
    if (ids.length > 0) await boss.deleteJob(queue, ids, { db });
  };
  /** One queue after the other: a transaction's statements run in turn. */
  const eachQueue = async <P extends AgentPromise>(promises: readonly P[], act: (queue: string, its: readonly P[]) => Promise<void>) => {
    for (const type of TASK_TYPES) {
      const its = promises.filter(({ taskType }) => taskType === type);
      if (its.length > 0) await act(queueOf(type), its);
    }
  };

  return {
    follow: async (transaction, changes) => {
      await eachQueue(changes, async (queue, its) => {
        await remove(transaction, queue, its.filter(mayHaveJob));
        await add(transaction, queue, its.filter(isPending).map(jobOf));
      });
      await remove(transaction, DEAD_LETTERS, changes.filter(mayHaveDeadLetter));
      await add(transaction, DEAD_LETTERS, changes.filter(({ status }) => status === 'failed').map(deadLetterOf));
    },
    renew: (transaction, promises) =>
      eachQueue(promises, async (queue, its) => {
        await remove(transaction, queue, its);
        await add(transaction, queue, its.map(jobOf));
      }),
  };
};

const isPending = (promise: AgentPromise): promise is PendingPromise => promise.status === 'pending';
/** What is pending for the first time has none yet. */
const mayHaveJob = (promise: AgentPromise): boolean => isSettled(promise) || (isPending(promise) && promise.version > 0);
/** One that failed may have been taken up again by hand. */
const mayHaveDeadLetter = ({ status, version }: AgentPromise): boolean => version > 0 && (status === 'pending' || status === 'waiting');

const jobOf = (promise: PendingPromise): JobInsert<JobData> => ({
  ...bareJob(promise),
  startAfter: new Date(promise.dueAt),
  group: { id: promise.tenant },
});
const deadLetterOf = (promise: AgentPromise): JobInsert<JobData> => bareJob(promise);
const bareJob = (promise: AgentPromise): JobInsert<JobData> => ({
  id: jobIdOf(promise),
  data: { promise: promise.id },
  // pg-boss takes the highest first.
  priority: 11 - promise.priority,
});
