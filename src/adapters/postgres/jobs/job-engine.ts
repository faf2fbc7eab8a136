import type { PostgresTransaction } from '../sql.ts';

export interface FetchedJob<Data> {
  readonly id: string;
  readonly data: Data;
  readonly groupId?: string | null;
}

/** The caller's transaction to work in. */
interface Within {
  readonly db?: Pick<PostgresTransaction, 'executeSql'>;
}

/**
 * The part of pg-boss that Kept uses, as types of our own: pg-boss's declarations name types of `pg`, which it does not
 * ship, and types that it does not export.
 */
export interface JobEngine {
  insert(queue: string, jobs: object[], options?: Within): Promise<unknown>;
  send(queue: string, data: object): Promise<string | null>;
  fetch<Data>(
    queue: string,
    options?: Within & { readonly batchSize?: number; readonly ignoreGroups?: string[]; readonly groupConcurrency?: number },
  ): Promise<FetchedJob<Data>[]>;
  cancel(queue: string, ids: string[], options?: Within): Promise<unknown>;
  resume(queue: string, ids: string[], options?: Within): Promise<unknown>;
  deleteJob(queue: string, ids: string[], options?: Within): Promise<unknown>;
  deleteAllJobs(queue: string): Promise<unknown>;
  updateQueue(queue: string, options: { readonly expireInSeconds?: number; readonly retentionSeconds?: number }): Promise<unknown>;
  getQueues(names?: string[]): Promise<{ readonly name: string; readonly expireInSeconds?: number; readonly retentionSeconds?: number }[]>;
}
