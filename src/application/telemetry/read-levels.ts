import type { PromiseStatus } from '../../domain/promise/promise.ts';
import type { OutboxStore } from '../../ports/storage/outbox-store.ts';
import type { PromiseQueries } from '../../ports/storage/promise-queries.ts';

/** How many of something there are now. */
export interface Level {
  readonly name: string;
  readonly count: number;
}

/** Of promises, what is not settled: the rest only grows. */
const OPEN: readonly PromiseStatus[] = ['waiting', 'pending', 'in_progress'];

/** What waits, and what is under way. */
export const makeReadLevels =
  ({ promises, outbox }: { readonly promises: Pick<PromiseQueries, 'stats'>; readonly outbox: Pick<OutboxStore, 'pendingByGateway'> }) =>
  async (): Promise<readonly Level[]> => {
    const [counts, pending] = await Promise.all([promises.stats(), outbox.pendingByGateway()]);
    return [
      ...OPEN.map((status) => ({ name: `promises.${status}`, count: counts[status] })),
      { name: 'outbox.pending', count: [...pending.values()].reduce((sum, count) => sum + count, 0) },
    ];
  };
