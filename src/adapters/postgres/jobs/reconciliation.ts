import type { PendingPromise, PromiseId } from '../../../domain/index.ts';
import { type Clock, type EngineNotices, reasonOf } from '../../../ports/index.ts';
import type { PostgresStorage } from '../storage.ts';
import type { Boss } from './boss.ts';
import { firstPending } from './claimable.ts';
import { JOB_ID } from './jobs.ts';

const EVERY_MS = 60_000;
const BATCH = 1_000;
const NO_JOB = `NOT EXISTS
  (SELECT 1 FROM pgboss.job WHERE job.name = 'kept-' || promises.task_type AND job.id = ${JOB_ID} AND job.state < 'active')`;
/** Finds a missing job among the promises whose turn comes next: each promise is one of them sooner or later. */
export const ONE_WITHOUT_JOB = `SELECT promises.id FROM ${firstPending(50)} WHERE ${NO_JOB} LIMIT 1`;
/** Finds every missing job. It reads all pending promises. */
const ALL_WITHOUT_JOB = `SELECT id FROM promises WHERE status = 'pending' AND ${NO_JOB} LIMIT ? FOR NO KEY UPDATE SKIP LOCKED`;

export interface Reconciliation {
  /** Resolves when the current pass has ended. */
  stop(): Promise<void>;
}

/**
 * Gives a new job to pending promises without one, before this resolves and again each minute: somebody may have
 * emptied or restored pg-boss's tables.
 */
export const startReconciliation = async (deps: {
  readonly boss: Boss;
  readonly storage: Pick<PostgresStorage, 'sql' | 'promisesIn'>;
  readonly clock: Clock;
  readonly notice: EngineNotices;
}): Promise<Reconciliation> => {
  const { boss, storage, clock, notice } = deps;
  let stopped = false;
  let cancel = (): void => undefined;
  let current: Promise<void> = Promise.resolve();

  const renewSome = (): Promise<number> =>
    storage.sql.write(async (transaction) => {
      const ids = (await transaction.query<{ id: PromiseId }>(ALL_WITHOUT_JOB, [BATCH])).map(({ id }) => id);
      const found = ids.length === 0 ? [] : await storage.promisesIn(transaction).getMany(ids);
      const pending = found.filter((promise): promise is PendingPromise => promise.status === 'pending');
      await boss.renew(transaction, pending);
      return pending.length;
    });

  const reconcile = async (): Promise<void> => {
    if ((await storage.sql.read(ONE_WITHOUT_JOB)).length === 0) return;
    for (;;) {
      const renewed = await renewSome();
      if (renewed > 0) notice('jobs-reconciled', { renewed });
      if (renewed < BATCH || stopped) return;
    }
  };

  const report = (error: unknown): void => {
    // Expected: the storage refuses work once it is closed.
    if (stopped) notice('jobs-check-cut', { reason: reasonOf(error) });
    else notice('jobs-unchecked', { reason: reasonOf(error), error });
  };

  const reconcileLater = (): void => {
    if (stopped) return;
    cancel = clock.after(EVERY_MS, () => {
      current = reconcile().catch(report).finally(reconcileLater);
    });
  };

  await reconcile();
  reconcileLater();
  return {
    stop: async () => {
      stopped = true;
      cancel();
      await current;
    },
  };
};
