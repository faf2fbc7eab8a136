import type { AgentPromise, PromiseId } from '../../domain/promise/promise.ts';
import { present } from '../../domain/shared/present.ts';
import type { Ledger } from '../../ports/storage/ledger.ts';
import type { OutboxStore } from '../../ports/storage/outbox-store.ts';
import type { PromiseStores } from '../../ports/storage/promise-store.ts';
import type { PagePromises, TellPromise } from '../../ports/use-cases/desk.ts';
import type { GetSteps } from '../../ports/use-cases/queries.ts';

/** What no index narrows is looked for among so many promises at a time: their numbers leave no gaps. */
const LOOKED_THROUGH = 20_000;
const MAX_TOLD = 50;

export const makePagePromises =
  ({ promises }: { readonly promises: Pick<PromiseStores, 'find'> }): PagePromises =>
  async ({ chatId, statuses, workspace, agent, text, before, limit }) => {
    // One more tells whether there is another page.
    const filter = { newestFirst: true, limit: limit + 1, ...present({ chatId, statuses, tenant: workspace, agent, before }) };
    const wanted = text?.trim();
    if (!wanted && agent === undefined) return pageOf(await promises.find(filter), limit);
    const newest = before ?? (await promises.find({ newestFirst: true, limit: 1 })).map(({ id }) => id + 1)[0] ?? 1;
    const from = Math.max(1, newest - LOOKED_THROUGH) as PromiseId;
    const page = pageOf(await promises.find({ ...filter, from, ...present({ text: wanted || undefined }) }), limit);
    return page.next === undefined && from > 1 ? { ...page, next: from } : page;
  };

const pageOf = (found: readonly AgentPromise[], limit: number) => ({
  promises: found.slice(0, limit),
  ...present({ next: found.length > limit ? found[limit - 1]?.id : undefined }),
});

export const makeTellPromise =
  ({
    promises,
    outbox,
    ledger,
    getSteps,
  }: {
    readonly promises: Pick<PromiseStores, 'get' | 'getMany' | 'waitingOn'>;
    readonly outbox: Pick<OutboxStore, 'ofPromise'>;
    readonly ledger: Pick<Ledger, 'ofPromise'>;
    readonly getSteps: GetSteps;
  }): TellPromise =>
  async (id) => {
    const promise = await promises.get(id);
    if (!promise) return undefined;
    const [steps, cost, told, parents, children] = await Promise.all([
      getSteps(id),
      ledger.ofPromise(id),
      outbox.ofPromise(id, MAX_TOLD),
      promises.getMany(promise.dependsOn),
      promises.waitingOn([id]),
    ]);
    return { promise, steps, cost, told, parents, children };
  };
