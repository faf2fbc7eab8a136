import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { openPostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { openSqliteStorage } from '../../../src/adapters/sqlite/storage.ts';
import { withPostgres } from '../../support/postgres-storage.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

const FORM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FORGET = "DELETE FROM key_values WHERE owner = 'storage'";

describe('The id of a storage', function () {
  this.timeout(60_000);

  it('is made once in SQLite, by whichever process is first, and is another in another database', () =>
    inDirectory(async (dir) => {
      const together = await Promise.all([1, 2, 3].map(() => openStorage(`${dir}/system.db`)));
      for (const storage of together) await storage.close();
      const later = await openSqliteStorage({ path: `${dir}/system.db`, asItIs: true });
      const other = await openStorage(`${dir}/other.db`);
      for (const storage of [later, other]) await storage.close();
      expect(later.id).to.match(FORM);
      expect(together.map(({ id }) => id)).to.deep.equal([later.id, later.id, later.id]);
      expect(other.id).to.match(FORM).and.not.equal(later.id);
    }));

  it('is empty where a database of an older version is opened as it is, and nothing is written', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/system.db`;
      const storage = await openStorage(path);
      await storage.sql.write(({ query }) => query(FORGET));
      await storage.close();
      const asItIs = await openSqliteStorage({ path, asItIs: true });
      const stored = await asItIs.state('storage').get('id');
      await asItIs.close();
      expect([asItIs.id, stored]).to.deep.equal(['', undefined]);
    }));

  it('is made once in PostgreSQL, by whichever process is first', () =>
    withPostgres(async ([storage], url) => {
      // The database is a copy, with the id of what it was copied from.
      await storage?.sql.write(({ query }) => query(FORGET));
      const together = await Promise.all([1, 2, 3].map(() => openPostgresStorage({ url })));
      const later = await openPostgresStorage({ url, asItIs: true });
      for (const each of [...together, later]) await each.close();
      expect(later.id).to.match(FORM).and.not.equal(storage?.id);
      expect(together.map(({ id }) => id)).to.deep.equal([later.id, later.id, later.id]);
    }));

  it('is another for each storage in memory', () => {
    expect(makeMemoryStorage().id).to.match(FORM).and.not.equal(makeMemoryStorage().id);
  });
});
