import { expect } from 'chai';
import { openPostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { leaderLeaseContract } from '../../../src/testing/index.ts';
import { certify } from '../../support/contract.ts';
import { freshDatabase } from '../../support/postgres.ts';

const open = async (connections = 1) => {
  const { url, drop } = await freshDatabase();
  const storages = await Promise.all(Array.from({ length: connections }, () => openPostgresStorage({ url })));
  const close = async () => {
    for (const storage of storages) await storage.close();
    await drop();
  };
  return { storages, close };
};

certify('Leadership: postgres', leaderLeaseContract, async () => {
  const { storages, close } = await open();
  const [storage] = storages;
  if (!storage) throw new Error('no storage');
  // The server's own clock decides: its time passes in a statement of its own.
  const pass = async (ms: number) => void (await storage.sql.read('SELECT pg_sleep(? / 1000.0)', [ms]));
  return { subject: { leaderLease: storage.leaderLease('bot'), pass }, close };
});

describe('The leader’s lease on PostgreSQL', () => {
  it('has one holder, even if many processes claim it at once, again and again', async () => {
    const { storages, close } = await open(4);
    try {
      for (let round = 0; round < 20; round++) {
        const leads = await Promise.all(
          storages.flatMap((storage, i) => [0, 1, 2].map((j) => storage.leaderLease('bot').claim(`${i}.${j}`, 60_000))),
        );
        const [leader, ...others] = new Set(leads.map(({ holder }) => holder));
        expect(others).to.deep.equal([]);
        await storages[round % 4]?.leaderLease('bot').resign(leader ?? '');
      }
    } finally {
      await close();
    }
  });

  it('is held by each name separately', async () => {
    const { storages, close } = await open();
    try {
      expect((await storages[0]?.leaderLease('bot').claim('a', 60_000))?.holder).to.equal('a');
      expect((await storages[0]?.leaderLease('other').claim('b', 60_000))?.holder).to.equal('b');
    } finally {
      await close();
    }
  });
});
