import { type AgentPromise, type PromiseSpec, promiseId } from '../domain/index.ts';
import type { ClaimRequest, PromiseQueue, Storage } from '../ports/index.ts';
import { promiseAfter as after, buildPromise, START } from './builders.ts';

export const LEASE_MS = 30_000;
export const build = (id: number, terms: Partial<PromiseSpec> & { dueAt?: number } = {}) => buildPromise({ id: promiseId(id), ...terms });
export const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
export const ids = (...raw: number[]) => raw.map((id) => promiseId(id));
export const runsOf = (...raw: number[]) => ids(...raw).map((id) => ({ id, attempts: 1 }));
export const idsOf = (promises: readonly AgentPromise[]) => promises.map(({ id }) => Number(id));
/** What is made at once has no order among itself. */
export const addInTurn = async ({ stores }: Storage, promises: readonly AgentPromise[]): Promise<void> => {
  for (const promise of promises) await stores.promises.add([promise]);
};
export const rising = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

type Claimed = ReturnType<PromiseQueue['claim']>;

export const claim = ({ queue }: Storage, now: number = START, limit = 100, workerId = 'w1'): Claimed =>
  queue.claim({ workerId, now, leaseMs: LEASE_MS, limit });
/** What a claim must make of a promise: the pure transition, saved. */
export const started = (promise: AgentPromise, now: number, workerId = 'w1'): AgentPromise => ({
  ...after(promise, { type: 'start', at: now, workerId, leaseMs: LEASE_MS }),
  version: promise.version + 1,
});

/** A promise that has been run by a worker since `at`. */
export const running = (id: number, at: number, workerId = 'w1') => started(build(id, { dueAt: at }), at, workerId);

export const claimShares = ({ queue }: Storage, request: Partial<ClaimRequest>): Claimed =>
  queue.claim({ workerId: 'w1', now: START, leaseMs: LEASE_MS, limit: 100, ...request });
