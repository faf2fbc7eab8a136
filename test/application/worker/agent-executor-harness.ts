import type { LeasedPromise, PromiseSpec } from '../../../src/domain/index.ts';
import { buildPromise, GROUP, promiseAfter, START } from '../../../src/testing/index.ts';

export const signal = new AbortController().signal;
export const progress = (): void => undefined;
export const leased = (spec: Partial<PromiseSpec> = {}): LeasedPromise =>
  promiseAfter(buildPromise({ chatKind: spec.chatId === GROUP ? 'group' : 'direct', ...spec }), {
    type: 'start',
    at: START,
    workerId: 'w',
    leaseMs: 1_000,
  }) as LeasedPromise;
