import { after, describe, it } from 'mocha';
import { changeFeedContract, runContract, storageContracts } from '../../../src/testing/index.ts';
import { makeFreshPostgres } from '../../support/postgres-storage.ts';

describe('PostgreSQL storage', function () {
  this.timeout(60_000);
  const fresh = makeFreshPostgres();
  after(fresh.end);

  for (const [port, contract] of Object.entries(storageContracts)) runContract({ describe, it }, `${port}: postgres`, contract, fresh.open);

  runContract({ describe, it }, 'ChangeFeed: postgres', changeFeedContract, async () => {
    const { subject, close } = await fresh.open();
    return { subject: subject.changes, close };
  });
});
