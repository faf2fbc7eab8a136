import type { Storage } from '../ports/index.ts';
import type { Contract } from './contract.ts';
import { promiseAddsContract } from './promise-adds.contract.ts';
import { promiseDeliveryContract } from './promise-delivery.contract.ts';
import { promiseQueriesContract } from './promise-queries.contract.ts';
import { promiseUpdatesContract } from './promise-updates.contract.ts';

/** The law of `PromiseStore`. */
export const promiseStoreContract: Contract<Storage> = {
  ...promiseAddsContract,
  ...promiseUpdatesContract,
  ...promiseQueriesContract,
  ...promiseDeliveryContract,
};
