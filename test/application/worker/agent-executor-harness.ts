import type { LeasedPromise, PromiseSpec } from '../../../src/domain/index.ts';
import { buildPromise, GROUP, promiseAfter, START } from '../../../src/testing/index.ts';

export const signal = new AbortController().signal;
export const progress = (): void => undefined;
export const BY_MEMBER = { labels: ['member'] } as const;
export const leased = (spec: Partial<PromiseSpec> = {}): LeasedPromise =>
  promiseAfter(buildPromise({ chatKind: spec.chatId === GROUP ? 'group' : 'direct', provenance: BY_MEMBER, ...spec }), {
    type: 'start',
    at: START,
    workerId: 'w',
    leaseMs: 1_000,
  }) as LeasedPromise;
