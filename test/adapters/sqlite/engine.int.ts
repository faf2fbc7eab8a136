import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEngine } from '../../../src/adapters/sqlite/index.ts';
import { engineContract } from '../../../src/testing/index.ts';
import { certify } from '../../support/contract.ts';

certify('Engine: sqlite', engineContract, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'kept-engine-'));
  const subject = await openSqliteEngine({ path: join(dir, 'system.db') });
  return {
    subject,
    close: async () => {
      await subject.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
});
