/** Long because one store holds everything that is asked of promises. */
import {
  type AgentPromise,
  type ChatId,
  changedFields,
  isSettled,
  type OutboxItem,
  PROMISE_STATUSES,
  type PromiseId,
  promiseFields,
  type SettledPromise,
} from '../../domain/index.ts';
import type { PromiseStores, PurgeRequest } from '../../ports/index.ts';
import { removeRunsOf } from './journal.ts';
import { concurrency, count, firstOf, select } from './rows.ts';
import type { Tables } from './tables.ts';

const oldestFirst = (a: AgentPromise, b: AgentPromise): number => a.id - b.id;
const newestFirst = (a: AgentPromise, b: AgentPromise): number => b.id - a.id;
/** The deadline of a promise that can still miss it. */
const openDeadline = (promise: AgentPromise): number | undefined => (isSettled(promise) ? undefined : promise.deadline);
const byDeadline = (a: AgentPromise, b: AgentPromise): number => (a.deadline ?? 0) - (b.deadline ?? 0) || a.id - b.id;
const isUndelivered = (promise: AgentPromise): promise is SettledPromise => isSettled(promise) && promise.deliveredAt === undefined;

const bySettling = (a: SettledPromise, b: SettledPromise): number => a.completedAt - b.completedAt || a.id - b.id;

export const makePromiseStore = (tables: Tables): PromiseStores => {
  const { promises, approvals, outbox, next } = tables;
  const keyed = (chatId: ChatId, key: string): AgentPromise | undefined =>
    firstOf(promises.rows(), (promise) => promise.chatId === chatId && promise.idempotencyKey === key);
  const getMany = (ids: readonly PromiseId[]): AgentPromise[] => {
    const wanted = new Set(ids);
    return select(promises.rows(), ({ id }) => wanted.has(id), oldestFirst);
  };
  const told = (id: PromiseId, status: OutboxItem['status']): boolean =>
    firstOf(outbox.rows(), (item) => item.promiseId === id && item.status === status) !== undefined;
  const purgeable = ({ settledBefore, undeliveredBefore, limit }: PurgeRequest): PromiseId[] => {
    const needed = new Set([...promises.rows()].flatMap((promise) => (isSettled(promise) ? [] : promise.dependsOn)));
    const mayGo = (promise: SettledPromise): boolean =>
      promise.completedAt < settledBefore &&
      (promise.deliveredAt !== undefined || promise.completedAt < undeliveredBefore) &&
      !needed.has(promise.id) &&
      !told(promise.id, 'pending');
    return select([...promises.rows()].filter(isSettled), mayGo, bySettling, limit).map(({ id }) => id);
  };
  return {
    reserveIds: async (count) => Array.from({ length: count }, () => next('promise') as PromiseId),
    add: async (added) => {
      const taken = new Set<string>();
      for (const { id, chatId, idempotencyKey: key } of added) {
        const names = key === undefined ? [`#${id}`] : [`#${id}`, `key ${JSON.stringify(key)} in chat ${chatId}`];
        if (promises.get(id) || (key !== undefined && keyed(chatId, key)) || names.some((name) => taken.has(name)))
          throw concurrency(`promise ${names.join(', ')} is already stored`);
        for (const name of names) taken.add(name);
      }
      for (const promise of added) promises.put(promiseFields(promise));
    },
    get: async (id) => promises.get(id),
    getMany: async (ids) => getMany(ids),
    update: async (ids, change) => {
      const changes = getMany(ids).map((stored) => ({ stored, next: change(stored) }));
      return changes.map(({ stored, next }) => {
        if (!next) return stored;
        const changed = changedFields(stored, next);
        promises.put(changed);
        return changed;
      });
    },
    find: async ({ statuses, chatId, messageId, taskTypes, tenant, agent, text, before, from, newestFirst: newest, limit }) =>
      select(
        promises.rows(),
        (promise) =>
          (statuses === undefined || statuses.includes(promise.status)) &&
          (chatId === undefined || promise.chatId === chatId) &&
          (messageId === undefined || promise.messageId === messageId) &&
          (taskTypes === undefined || taskTypes.includes(promise.taskType)) &&
          (tenant === undefined || promise.tenant === tenant) &&
          (agent === undefined || promise.agent === agent) &&
          (before === undefined || promise.id < before) &&
          (from === undefined || promise.id >= from) &&
          (text === undefined || promise.description.toLowerCase().includes(text.toLowerCase())),
        newest ? newestFirst : oldestFirst,
        limit,
      ),
    openByChat: async () => {
      const counts = new Map<ChatId, number>();
      for (const promise of promises.rows()) if (!isSettled(promise)) counts.set(promise.chatId, (counts.get(promise.chatId) ?? 0) + 1);
      return counts;
    },
    countOpen: async (chatId) => [...promises.rows()].filter((promise) => promise.chatId === chatId && !isSettled(promise)).length,
    findByKey: async (chatId, idempotencyKey) => keyed(chatId, idempotencyKey),
    waitingOn: async (parents) => {
      const ended = new Set(parents);
      return select(promises.rows(), ({ status, dependsOn }) => status === 'waiting' && dependsOn.some((id) => ended.has(id)), oldestFirst);
    },
    noteProgress: async (id, workerId, { text, at }) => {
      const promise = promises.get(id);
      if (promise?.status !== 'in_progress' || promise.lease.workerId !== workerId) return false;
      promises.put({ ...promise, progress: { text, at } });
      return true;
    },
    overdue: async (now, limit) =>
      select(promises.rows(), (promise) => (openDeadline(promise) ?? Number.POSITIVE_INFINITY) <= now, byDeadline, limit),
    nextDeadline: async () => {
      const earliest = Math.min(...Array.from(promises.rows(), (promise) => openDeadline(promise) ?? Number.POSITIVE_INFINITY));
      return Number.isFinite(earliest) ? earliest : undefined;
    },
    markDelivered: async (id, at) => {
      const promise = promises.get(id);
      if (promise && isSettled(promise)) promises.put({ ...promise, deliveredAt: at });
    },
    lostOutcomes: async (chatId, limit) =>
      select(
        [...promises.rows()].filter(isUndelivered),
        (promise) => promise.chatId === chatId && told(promise.id, 'failed') && !told(promise.id, 'pending'),
        oldestFirst,
        limit,
      ),
    countUndelivered: async ({ storedBefore, failedAfter, limit }) =>
      select(
        [...promises.rows()].filter(isUndelivered),
        ({ id }) =>
          firstOf(
            outbox.rows(),
            (item) =>
              item.promiseId === id &&
              item.createdAt < storedBefore &&
              (item.status === 'pending' || (item.status === 'failed' && item.failedAt > failedAfter)),
          ) !== undefined,
        oldestFirst,
        limit,
      ).length,
    purgeable: async (request) => purgeable(request),
    purge: async (request) => {
      const ids = purgeable(request);
      const gone = new Set(ids);
      for (const { id, promiseId } of [...outbox.rows()]) if (promiseId !== undefined && gone.has(promiseId)) outbox.remove(id);
      for (const { id, promiseId } of [...approvals.rows()]) if (gone.has(promiseId)) approvals.remove(id);
      removeRunsOf(tables, gone);
      for (const id of ids) promises.remove(id);
      return ids;
    },
    stats: async () =>
      count(
        PROMISE_STATUSES,
        Array.from(promises.rows(), ({ status }) => status),
      ),
  };
};
