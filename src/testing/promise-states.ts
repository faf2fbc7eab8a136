import { strict as assert } from 'node:assert';
import {
  type AgentPromise,
  approvalId,
  makePromise,
  type PromiseCommand,
  type PromiseId,
  type PromiseSpec,
  promiseId,
} from '../domain/index.ts';
import type { PromiseStore } from '../ports/index.ts';
import { promiseAfter as after, buildPromise, START } from './builders.ts';

export const error = { code: 'tool/failed', message: 'the search failed' };
export const start = { type: 'start', at: START + 1, workerId: 'w1', leaseMs: 30_000 } as const satisfies PromiseCommand;
export const complete = {
  type: 'complete',
  at: START + 2,
  workerId: 'w1',
  attempt: 1,
  result: 'Platform 4 🚂',
} as const satisfies PromiseCommand;
export const fail = {
  type: 'fail',
  at: START + 2,
  workerId: 'w1',
  attempt: 1,
  error,
  retryable: false,
  jitter: 0,
} as const satisfies PromiseCommand;
export const cancel = { type: 'cancel', at: START + 3, reason: 'cancelled by Ada' } as const satisfies PromiseCommand;

export const build = (id: number, terms: Partial<PromiseSpec> & { dueAt?: number } = {}) => buildPromise({ id: promiseId(id), ...terms });

/** One promise in each state, numbered from 1. */
export const everyState = (): AgentPromise[] => [
  build(1),
  build(2, { dependsOn: [promiseId(1)] }),
  after(build(3), start, { ...fail, retryable: true }),
  after(build(4), start, { ...fail, retryable: true }, { ...start, at: START + 90_000 }),
  after(build(5), start, complete),
  after(build(6), start, fail),
  after(build(7), cancel),
];
/** Waits for an approval, and for the promise before it. */
export const asked = (id: number): AgentPromise => makePromise(build(id, { dependsOn: [promiseId(id - 1)] }), approvalId(3));
export const idsOf = (promises: readonly AgentPromise[]) => promises.map(({ id }) => Number(id));
export const read = async (promises: PromiseStore, id: PromiseId): Promise<AgentPromise> => {
  const promise = await promises.get(id);
  assert.ok(promise, `promise #${id} is stored`);
  return promise;
};
