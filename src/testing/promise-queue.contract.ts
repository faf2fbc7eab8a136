import type { Storage } from '../ports/index.ts';
import type { Contract } from './contract.ts';
import { promiseClaimsContract } from './promise-claims.contract.ts';
import { promiseLeasesContract } from './promise-leases.contract.ts';
import { promiseSharesContract } from './promise-shares.contract.ts';

/** The law of `PromiseQueue`. */
export const promiseQueueContract: Contract<Storage> = { ...promiseClaimsContract, ...promiseSharesContract, ...promiseLeasesContract };
