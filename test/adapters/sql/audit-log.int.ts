import { join } from 'node:path';
import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { openPostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { makeAuditLog } from '../../../src/adapters/sql/audit-log.ts';
import type { Query, Sql, Transaction } from '../../../src/adapters/sql/sql.ts';
import { makeVerifyAuditLog } from '../../../src/application/audit/verify-log.ts';
import { type AuditHead, NO_ROWS } from '../../../src/domain/index.ts';
import { PortError, type Stores } from '../../../src/ports/index.ts';
import { buildAuditFact } from '../../../src/testing/index.ts';
import { administer, freshDatabase } from '../../support/postgres.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

/** A database with a sealed log, and somebody who has it in his hands. */
interface Site {
  readonly name: string;
  readonly stores: Stores;
  readonly sql: Sql;
  /** Runs statements past Kept. */
  readonly tamper: (...statements: readonly string[]) => Promise<void>;
  /** The same database, as another process opens it. */
  readonly another: () => Promise<{ readonly stores: Stores; close(): Promise<void> }>;
}

const ROWS = 12;
const withSqlite = (use: (site: Site) => Promise<void>): Promise<void> =>
  inDirectory(async (dir) => {
    const storage = await openStorage(join(dir, 'system.db'));
    const tamper = async (...statements: readonly string[]): Promise<void> => {
      const database = new Database(storage.path);
      for (const statement of statements) database.exec(statement);
      database.close();
    };
    try {
      await use({
        name: 'SQLite',
        stores: storage.stores,
        sql: storage.sql as unknown as Sql,
        tamper,
        another: () => openStorage(storage.path),
      });
    } finally {
      await storage.close();
    }
  });

/** One database for all of them, emptied for each. */
const makePostgres = () => {
  let opened: ReturnType<typeof freshDatabase> | undefined;
  return {
    use: async (use: (site: Site) => Promise<void>): Promise<void> => {
      opened ??= freshDatabase();
      await usePostgres((await opened).url, use);
    },
    end: async (): Promise<void> => (await opened)?.drop(),
  };
};
const EMPTY = [
  'TRUNCATE audit_log',
  `DELETE FROM key_values WHERE owner = 'audit'`,
  'ALTER TABLE audit_log ENABLE TRIGGER ALL',
  'CREATE UNIQUE INDEX IF NOT EXISTS audit_log_by_seq ON audit_log (seq) WHERE seq IS NOT NULL',
];
const usePostgres = async (url: string, use: (site: Site) => Promise<void>): Promise<void> => {
  const storage = await openPostgresStorage({ url });
  const tamper = (...statements: readonly string[]): Promise<void> =>
    administer(url, async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  try {
    await tamper(...EMPTY);
    const another = () => openPostgresStorage({ url });
    await use({ name: 'PostgreSQL', stores: storage.stores, sql: storage.sql as unknown as Sql, tamper, another });
  } finally {
    await storage.close();
  }
};

const fill = async ({ audit }: Stores): Promise<AuditHead> => {
  await audit.add(Array.from({ length: ROWS }, (_, n) => buildAuditFact({ facts: { n, chatId: `local:${n + 1}` } })));
  while ((await audit.seal(5)) > 0);
  return audit.head();
};

const UNGUARD: Readonly<Record<string, readonly string[]>> = {
  SQLite: ['DROP TRIGGER audit_log_keeps_rows', 'DROP TRIGGER audit_log_keeps_facts'],
  PostgreSQL: ['ALTER TABLE audit_log DISABLE TRIGGER ALL'],
};
const COLUMNS = 'at, kind, actor, chat_id, facts';

const TAMPERINGS: readonly (readonly [what: string, statements: readonly string[], fault: object])[] = [
  ['a row was changed', [`UPDATE audit_log SET actor = 'operator' WHERE seq = 4`], { kind: 'changed', seq: 4 }],
  ['a time was changed', ['UPDATE audit_log SET at = at + 1 WHERE seq = 4'], { kind: 'changed', seq: 4 }],
  ['facts were changed', [`UPDATE audit_log SET facts = '{"n":99,"chatId":"local:4"}' WHERE seq = 4`], { kind: 'changed', seq: 4 }],
  ['facts are no JSON any more', [`UPDATE audit_log SET facts = 'gone' WHERE seq = 4`], { kind: 'changed', seq: 4 }],
  ['a row was hidden from its chat', ['UPDATE audit_log SET chat_id = NULL WHERE seq = 4'], { kind: 'changed', seq: 4 }],
  ['a hash was removed', ['UPDATE audit_log SET hash = NULL WHERE seq = 4'], { kind: 'changed', seq: 4 }],
  ['a row was removed', ['DELETE FROM audit_log WHERE seq = 4'], { kind: 'missing', seq: 4, upTo: 4 }],
  ['the first rows were removed', ['DELETE FROM audit_log WHERE seq < 4'], { kind: 'missing', seq: 1, upTo: 3 }],
  [
    'a row was removed and the gap closed',
    [
      'DELETE FROM audit_log WHERE seq = 4',
      ...Array.from({ length: ROWS - 4 }, (_, n) => `UPDATE audit_log SET seq = ${n + 4} WHERE seq = ${n + 5}`),
    ],
    { kind: 'changed', seq: 4 },
  ],
  [
    'a row was put in',
    [
      ...Array.from({ length: ROWS - 3 }, (_, n) => `UPDATE audit_log SET seq = ${ROWS - n + 1} WHERE seq = ${ROWS - n}`),
      `INSERT INTO audit_log (${COLUMNS}, seq, previous, hash) SELECT ${COLUMNS}, 4, previous, hash FROM audit_log WHERE seq = 5`,
    ],
    { kind: 'changed', seq: 5 },
  ],
  [
    'two rows changed places',
    [
      'UPDATE audit_log SET seq = 0 WHERE seq = 4',
      'UPDATE audit_log SET seq = 4 WHERE seq = 5',
      'UPDATE audit_log SET seq = 5 WHERE seq = 0',
    ],
    { kind: 'changed', seq: 4 },
  ],
  [
    'a row was put in twice',
    [
      'DROP INDEX audit_log_by_seq',
      `INSERT INTO audit_log (${COLUMNS}, seq, previous, hash) SELECT ${COLUMNS}, seq, previous, hash FROM audit_log WHERE seq = 4`,
    ],
    { kind: 'twice', seq: 4 },
  ],
  ['the end was cut', ['DELETE FROM audit_log WHERE seq > 8'], { kind: 'cut', seq: 8, head: ROWS }],
  ['everything was removed', ['DELETE FROM audit_log'], { kind: 'cut', seq: 0, head: ROWS }],
  [
    'a row was unsealed',
    ['UPDATE audit_log SET seq = NULL, hash = NULL, previous = NULL WHERE seq = 4'],
    { kind: 'missing', seq: 4, upTo: 4 },
  ],
  ['the end that is kept was removed', [`DELETE FROM key_values WHERE owner = 'audit'`], { kind: 'beyond', seq: 1 }],
  ['the end that is kept was damaged', [`UPDATE key_values SET value = '{' WHERE owner = 'audit'`], { kind: 'beyond', seq: 1 }],
];

const postgres = makePostgres();

for (const withSite of [withSqlite, postgres.use])
  describe(`The audit log in ${withSite === withSqlite ? 'SQLite' : 'PostgreSQL'}`, () => {
    after(postgres.end);

    it('refuses to change or remove a row, sealed or not', () =>
      withSite(async ({ stores, tamper }) => {
        await fill(stores);
        await stores.audit.add([buildAuditFact()]);
        for (const statement of [
          `UPDATE audit_log SET actor = 'x' WHERE seq = 1`,
          'UPDATE audit_log SET seq = 99 WHERE seq = 1',
          `UPDATE audit_log SET facts = '{}' WHERE seq IS NULL`,
          'DELETE FROM audit_log WHERE seq = 1',
          'DELETE FROM audit_log WHERE seq IS NULL',
        ]) {
          const refusal = await tamper(statement).then(
            () => 'done',
            (error: unknown) => String(error),
          );
          expect(refusal, statement).to.include('append-only');
        }
        expect((await makeVerifyAuditLog(stores)()).fault).to.equal(undefined);
      }));

    for (const [what, statements, fault] of TAMPERINGS)
      it(`is found to be broken where ${what}, also once more was sealed`, () =>
        withSite(async ({ name, stores, tamper }) => {
          await fill(stores);
          await tamper(...(UNGUARD[name] ?? []), ...statements);
          const verify = makeVerifyAuditLog(stores);
          expect((await verify()).fault).to.deep.equal(fault);
          // Without an end, the next rows follow the last one: only a head that was kept elsewhere helps then.
          if ('kind' in fault && fault.kind === 'beyond') return;
          await stores.audit.add([buildAuditFact()]);
          await stores.audit.seal(10);
          expect((await verify()).fault).not.to.equal(undefined);
        }));

    it('names the guards of the database that are gone, though its rows hold', () =>
      withSite(async ({ name, stores, tamper }) => {
        const head = await fill(stores);
        const verify = makeVerifyAuditLog(stores);
        expect(await verify()).to.deep.equal({ head, unsealed: { count: 0 } });
        await tamper((UNGUARD[name] ?? [])[0] ?? '');
        const { missingGuards, ...found } = await verify();
        expect(found).to.deep.equal({ head, unsealed: { count: 0 } });
        expect(missingGuards).to.include('audit_log_keeps_rows');
      }));

    it('tells a row that stands there twice, also where one part of the check ends with it', () =>
      withSite(async ({ name, stores, tamper }) => {
        await fill(stores);
        const copied = `INSERT INTO audit_log (${COLUMNS}, seq, previous, hash) SELECT ${COLUMNS}, seq, previous, hash FROM audit_log WHERE seq = 4`;
        await tamper(...(UNGUARD[name] ?? []), 'DROP INDEX audit_log_by_seq', copied);
        const { head, fault } = await stores.audit.check(NO_ROWS, 4);
        const next = fault ? { fault } : await stores.audit.check(head, 4);
        expect(next.fault).to.deep.equal({ kind: 'twice', seq: 4 });
      }));

    it('says so where its table is gone', () =>
      withSite(async ({ stores, tamper }) => {
        await fill(stores);
        await tamper('ALTER TABLE audit_log RENAME TO audit_log_elsewhere');
        try {
          const gone = await makeVerifyAuditLog(stores)().then(
            () => 'done',
            (error: unknown) => error,
          );
          expect(gone).to.be.instanceOf(PortError).and.to.have.property('code', 'storage-corrupt');
          expect(String(gone)).to.match(/the table audit_log, .* was removed/);
        } finally {
          await tamper('ALTER TABLE audit_log_elsewhere RENAME TO audit_log');
        }
      }));

    it('is one chain where two processes seal, and both add', () =>
      withSite(async ({ stores, another }) => {
        const other = await another();
        try {
          await Promise.all(
            [stores, other.stores].map(async ({ audit }, process) => {
              for (let n = 0; n < 20; n++) {
                await audit.add([buildAuditFact({ facts: { process, n } })]);
                await audit.seal(3);
              }
              while ((await audit.seal(3)) > 0);
            }),
          );
          const { head, fault, unsealed } = await makeVerifyAuditLog(other.stores)();
          expect([head?.seq, fault, unsealed.count]).to.deep.equal([40, undefined, 0]);
        } finally {
          await other.close();
        }
      }));

    it('is whole wherever a process dies while it seals', () =>
      withSite(async ({ stores, sql }) => {
        let sealed = 0;
        for (let dies = 1; ; dies++) {
          await stores.audit.add([1, 2, 3].map((n) => buildAuditFact({ facts: { n } })));
          let statements = 0;
          const dying =
            (query: Query): Query =>
            (statement, params) => {
              if (++statements > dies) return Promise.reject(new Error('killed'));
              return query(statement, params);
            };
          const mortal: Sql = {
            ...sql,
            read: dying(sql.read),
            write: (work) => sql.write((transaction: Transaction) => work({ ...transaction, query: dying(transaction.query) })),
          };
          const done = await makeAuditLog(mortal)
            .seal(3)
            .catch(() => 0);
          sealed += done;
          expect(await makeVerifyAuditLog(stores)(), `after statement ${dies}`).to.deep.include({ head: await stores.audit.head() });
          expect((await stores.audit.head()).seq, `after statement ${dies}`).to.equal(sealed);
          if (done > 0) {
            expect(dies).to.be.above(4);
            return;
          }
        }
      }));
  });
