import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import type { QueryRunner } from 'typeorm';
import { Approvals1764806400000 as OnPostgres } from '../../../src/adapters/postgres/migrations/1764806400000-approvals.ts';
import { Approvals1764806400000 as OnSqlite } from '../../../src/adapters/sqlite/migrations/1764806400000-approvals.ts';
import { approvalId, makePromise, promiseId } from '../../../src/domain/index.ts';
import type { Stores } from '../../../src/ports/index.ts';
import { buildPromise } from '../../../src/testing/index.ts';
import { administer } from '../../support/postgres.ts';
import { withPostgres } from '../../support/postgres-storage.ts';
import { withStorage } from '../../support/sqlite-storage.ts';

/** One waits for an approval, and one for the other; a third waits for what runs. */
const fill = async ({ promises }: Pick<Stores, 'promises'>): Promise<void> => {
  const after = (id: number, parent?: number) =>
    buildPromise({ id: promiseId(id), dependsOn: parent === undefined ? [] : [promiseId(parent)] });
  await promises.add([makePromise(buildPromise({ id: promiseId(1) }), approvalId(1)), after(2, 1), after(3, 2)]);
  await promises.add([after(4), after(5, 4)]);
};
const STATES = 'SELECT status FROM promises ORDER BY id';
const UNDONE = ['cancelled', 'cancelled', 'cancelled', 'pending', 'waiting'];
const runner = (query: (sql: string) => unknown) => ({ query }) as unknown as QueryRunner;

describe('The tables of approvals, undone', () => {
  it('end what waits for an approval, and what waits for that, on SQLite', () =>
    withStorage(async (storage) => {
      await fill(storage.stores);
      const database = new Database(storage.path);
      await new OnSqlite().down(runner((sql) => database.exec(sql)));
      const joined = `SELECT group_concat(status) FROM (${STATES})`;
      expect(database.prepare(joined).pluck().get()).to.equal(UNDONE.join());
      database.close();
    }));

  it('end what waits for an approval, and what waits for that, on PostgreSQL', () =>
    withPostgres(async ([storage], url) => {
      if (storage) await fill(storage.stores);
      await administer(url, async (client) => {
        await new OnPostgres().down(runner((sql) => client.query(sql)));
        const { rows } = await client.query<{ status: string }>(STATES);
        expect(rows.map(({ status }) => status)).to.deep.equal(UNDONE);
      });
    })).timeout(30_000);
});
