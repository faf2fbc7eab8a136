import { BUILT_IN_PRICES } from '../domain/budget/prices.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import { makeOpenSpending, type OpenSpending } from './budgets/spending.ts';
import type { CoreParts } from './parts.ts';

type Paying = Pick<CoreParts, 'storage' | 'prices' | 'perPromise' | 'clock' | 'randomness' | 'redact' | 'events'>;

/** What pays for runs, with the parts of a bot or worker. */
export const openSpendingWith = (parts: Paying, policy: AccessPolicy, leaseMs?: number): OpenSpending => {
  const { storage, prices = BUILT_IN_PRICES, perPromise, clock, randomness, redact, events } = parts;
  return makeOpenSpending({ unitOfWork: storage.unitOfWork, policy, prices, perPromise, leaseMs, clock, randomness, redact, events });
};
