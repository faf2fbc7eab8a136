import type { JobInsert } from 'pg-boss';
import { type AgentPromise, isSettled, type PendingPromise, type PromiseId, TASK_TYPES, type TaskType } from '../../../domain/index.ts';
import type { PostgresTransaction } from '../sql.ts';
import type { JobEngine } from './job-engine.ts';

/** The queue of promises that failed for good, for people who watch pg-boss. No worker reads it. */
export const DEAD_LETTERS = 'kept-failed';
export const queueOf = (taskType: TaskType): string => `kept-${taskType}`;
export const QUEUE_NAMES = TASK_TYPES.map(queueOf);

/** The content of a job: only the promise's number. Everything else is in the promise. */
export interface JobData {
  readonly promise: PromiseId;
}

/**
 * The id of a promise's job: a promise has at most one job, in the queue of its type. The id begins with the priority,
 * because if a tenant has fewer slots than jobs, pg-boss keeps the jobs with the lowest ids.
 */
const jobIdOf = ({ id, priority }: Pick<AgentPromise, 'id' | 'priority'>): string =>
  (priority.toString(16).padStart(2, '0') + id.toString(16).padStart(30, '0')).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
/** The same id in SQL. */
export const JOB_ID = "(lpad(to_hex(promises.priority), 2, '0') || lpad(to_hex(promises.id), 30, '0'))::uuid";

/** Keeps the jobs of promises in step with them, inside the transactions that change the promises. */
export interface PromiseJobs {
  /**
   * Gives each pending promise its job, and ends the jobs of promises that have settled or wait. It runs in
   * `transaction`, so that promise and job commit together. `changes` are states as they are saved. A promise in
   * progress keeps what it has.
   */
  follow(transaction: PostgresTransaction, changes: readonly AgentPromise[]): Promise<void>;
  /** Gives each of these pending promises a new job, whatever has become of the old one. */
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
  /** Queue after queue: the statements of a transaction run in turn. */
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
/**
 * A promise that is pending for the first time has no job yet. One that waits for an approval in its run has the job
 * that was taken, which counts in its tenant's share.
 */
const mayHaveJob = (promise: AgentPromise): boolean =>
  isSettled(promise) || (promise.version > 0 && (isPending(promise) || promise.status === 'waiting'));
/** A promise that failed may have been retried by hand. */
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
