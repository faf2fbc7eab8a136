import { present } from '../../domain/shared/present.ts';
import type { PromiseQueries } from '../../ports/storage/promise-queries.ts';
import type { ListPromises } from '../../ports/use-cases/queries.ts';

export const DEFAULT_LIST_LIMIT = 50;

export const makeListPromises =
  ({ promises }: { readonly promises: Pick<PromiseQueries, 'find'> }): ListPromises =>
  ({ chatId, statuses, taskTypes, workspace, before, limit = DEFAULT_LIST_LIMIT }) =>
    promises.find({ ...present({ chatId, statuses, taskTypes, tenant: workspace, before }), newestFirst: true, limit });
