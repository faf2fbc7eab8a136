import { describe, it } from 'mocha';
import { runContract, storageContracts } from '../../../src/testing/index.ts';
import { openFreshStorage } from '../../support/sqlite-storage.ts';

for (const [port, contract] of Object.entries(storageContracts))
  runContract({ describe, it }, `${port}: sqlite`, contract, openFreshStorage);
