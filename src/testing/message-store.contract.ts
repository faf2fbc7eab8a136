import type { Storage } from '../ports/index.ts';
import type { Contract } from './contract.ts';
import { messageAddsContract } from './message-adds.contract.ts';
import { messageRevisionsContract } from './message-revisions.contract.ts';
import { messageVerdictsContract } from './message-verdicts.contract.ts';

/** The law of `MessageStore`. */
export const messageStoreContract: Contract<Storage> = { ...messageAddsContract, ...messageVerdictsContract, ...messageRevisionsContract };
