import type { PostgresTransaction } from '../sql.ts';

export interface FetchedJob<Data> {
  readonly id: string;
  readonly data: Data;
  readonly groupId?: string | null;
}

/** Work in somebody else's transaction. */
interface Within {
  readonly db?: Pick<PostgresTransaction, 'executeSql'>;
}

/**
 * What Kept uses of pg-boss, in words of its own: pg-boss's declarations name types of `pg`, which it does not ship,
 * and some that it does not export. Whoever compiles against Kept reads none of them.
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
