import type { Engine } from '../../ports/engine.ts';
import { type Clock, silentEngineNotices } from '../../ports/index.ts';
import { openJobStorage, type PostgresOptions } from './job-storage.ts';
import { type Reconciliation, startReconciliation } from './jobs/reconciliation.ts';

export interface PostgresEngineOptions extends PostgresOptions {
  readonly clock: Clock;
}

/**
 * Opens the PostgreSQL engine at `url`. Any number of processes on any number of machines may open it. Rejects as
 * `openPostgresStorage` does.
 */
export const openPostgresEngine = async (options: PostgresEngineOptions): Promise<Engine> => {
  const { clock, notice = silentEngineNotices } = options;
  const opened = await openJobStorage(options);
  const { name, id, stores, unitOfWork, queue, transcript, state, changes, boss } = opened;
  let maintenance: Promise<Reconciliation> | undefined;
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    // New work is refused at once.
    const closed = opened.close();
    // The caller of `startMaintenance` has its error.
    const [started] = await Promise.allSettled([maintenance]);
    if (started.status === 'fulfilled') await started.value?.stop();
    await closed;
  };
  return {
    storage: { name, id, stores, unitOfWork, queue, transcript, state },
    personalData: opened.personalData,
    leaderLease: opened.leaderLease('bot'),
    changes: () => changes,
    startMaintenance: async () => {
      maintenance ??= startReconciliation({ boss, storage: opened, clock, notice });
      await maintenance;
    },
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
};
