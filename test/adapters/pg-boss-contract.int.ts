import { describe, it } from 'mocha';
import { promiseQueueContract, runContract } from '../../src/testing/index.ts';
import { openFreshBossStorage } from '../support/boss-storage.ts';

runContract({ describe, it }, 'PromiseQueue: pg-boss on PostgreSQL', promiseQueueContract, openFreshBossStorage);
