import { expect } from 'chai';
import { describe, it } from 'mocha';
import { type Connection, openReader, openWriter } from '../../../src/adapters/sqlite/connection.ts';
import { type GroupWriter, makeGroupWriter } from '../../../src/adapters/sqlite/group-writer.ts';
import { isPortError } from '../../../src/ports/index.ts';
import { inDirectory } from '../../support/sqlite-storage.ts';

interface Bench {
  readonly writer: GroupWriter;
  /** Every statement that the writer ran, in order. */
  readonly statements: string[];
  readonly connection: Connection;
  insert(value: number): Promise<void>;
  /** What another connection sees. */
  values(): Promise<number[]>;
}

/** A statement that begins with this takes a turn of the event loop before it reaches the database. */
const SLOW = '/* slow */';

/**
 * A writer on a table of one column, whose statements are recorded. `parent` has no row: a reference to it fails at the
 * commit.
 */
const withWriter = (use: (bench: Bench) => Promise<void>, options: { lockWaitMs?: number } = {}): Promise<void> =>
  inDirectory(async (dir) => {
    const connection = await openWriter(`${dir}/group.db`);
    await connection.query('CREATE TABLE parent (id INTEGER PRIMARY KEY)');
    await connection.query(
      `CREATE TABLE entries (value INTEGER UNIQUE, parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)`,
    );
    const reader = await openReader(`${dir}/group.db`);
    const statements: string[] = [];
    const query: Connection['query'] = async (sql, params) => {
      statements.push(sql);
      if (sql.startsWith(SLOW)) await new Promise(setImmediate);
      return connection.query(sql, params);
    };
    const writer = makeGroupWriter({ ...connection, query }, options);
    try {
      await use({
        writer,
        statements,
        connection,
        insert: (value) => writer.write(async ({ query }) => void (await query('INSERT INTO entries (value) VALUES (?)', [value]))),
        values: async () => (await reader.query<{ value: number }>('SELECT value FROM entries ORDER BY value')).map(({ value }) => value),
      });
    } finally {
      await writer.close();
      await reader.close();
      await connection.close();
    }
  });

const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const countOf = (statements: readonly string[], sql: string) => statements.filter((statement) => statement === sql).length;
const codeOf = (error: unknown) => (isPortError(error) ? error.code : error);
const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('The group commit', () => {
  it('commits writes that wait at the same moment together, in their order', () =>
    withWriter(async ({ insert, values, statements }) => {
      await Promise.all(range(200).map(insert));
      expect(await values()).to.deep.equal(range(200));
      expect(countOf(statements, 'COMMIT')).to.equal(1);
    }));

  it('commits 1,200 writes in three groups', () =>
    withWriter(async ({ insert, values, statements }) => {
      await Promise.all(range(1_200).map(insert));
      expect(await values()).to.have.length(1_200);
      expect(countOf(statements, 'COMMIT')).to.equal(3);
    }));

  it('uses no savepoint for writes of which none fails', () =>
    withWriter(async ({ insert, statements }) => {
      const verbs = () => statements.splice(0).map((sql) => sql.split(' ')[0]);
      await insert(1);
      expect(verbs()).to.deep.equal(['BEGIN', 'INSERT', 'COMMIT']);
      await Promise.all([insert(2), insert(3)]);
      expect(verbs()).to.deep.equal(['BEGIN', 'INSERT', 'INSERT', 'COMMIT']);
    }));

  it('runs all writes of a group again when one of them fails, and a write that fails alone only once', () =>
    withWriter(async ({ writer, values }) => {
      const runs: string[] = [];
      const job = (name: string, value: number, fails: boolean) =>
        rejection(
          writer.write(async ({ query }) => {
            runs.push(name);
            await query('INSERT INTO entries (value) VALUES (?)', [value]);
            if (fails) throw new RangeError(name);
          }),
        );
      const outcomes = await Promise.all([job('first', 1, false), job('second', 2, true), job('third', 3, false)]);
      expect(outcomes.map(String)).to.deep.equal(['undefined', 'RangeError: second', 'undefined']);
      expect(runs.splice(0)).to.deep.equal(['first', 'second', 'first', 'second', 'third']);
      expect(String(await job('alone', 4, true))).to.equal('RangeError: alone');
      expect(runs).to.deep.equal(['alone']);
      expect(await values()).to.deep.equal([1, 3]);
    }));

  it('answers nobody, and shows nothing, before the commit', () =>
    withWriter(async ({ insert, writer, values, statements }) => {
      const seenInside = writer.write(async ({ query }) => {
        await query('INSERT INTO entries (value) VALUES (1)');
        return values();
      });
      const commitsWhenAnswered = insert(2).then(() => countOf(statements, 'COMMIT'));
      expect(await seenInside).to.deep.equal([]);
      expect(await commitsWhenAnswered).to.equal(1);
      expect(await values()).to.deep.equal([1, 2]);
    }));

  it('rolls back a write that rejects alone, with its own error', () =>
    withWriter(async ({ insert, writer, values, statements }) => {
      const reason = new RangeError('no');
      const [, failed] = await Promise.all([
        insert(1),
        rejection(
          writer.write(async ({ query }) => {
            await query('INSERT INTO entries (value) VALUES (2)');
            throw reason;
          }),
        ),
        insert(3),
      ]);
      expect(failed).to.equal(reason);
      expect(await values()).to.deep.equal([1, 3]);
      expect(countOf(statements, 'COMMIT')).to.equal(1);
    }));

  it('rejects every write of a group whose commit fails, leaves neither rows nor a lock, and commits the next group', () =>
    withWriter(async ({ insert, writer, values, connection }) => {
      const orphan = writer.write(({ query }) => query('INSERT INTO entries (value, parent) VALUES (2, 99)'));
      const errors = await Promise.all([insert(1), orphan, insert(3)].map(rejection));
      expect(errors.map(codeOf)).to.deep.equal(['invalid-request', 'invalid-request', 'invalid-request']);
      expect(await values()).to.deep.equal([]);
      const elsewhere = await openWriter(connection.path);
      await elsewhere.query('INSERT INTO entries (value) VALUES (0)');
      await elsewhere.close();
      await insert(4);
      expect(await values()).to.deep.equal([0, 4]);
    }));

  it('lets a write go on after a refused statement, but not after a failure of the storage', () =>
    withWriter(async ({ insert, writer, values }) => {
      await insert(1);
      const swallow = (sql: string, value: number) =>
        writer.write(async ({ query }) => {
          await query('INSERT INTO entries (value) VALUES (?)', [value]);
          await rejection(query(sql));
        });
      await swallow('INSERT INTO entries (value) VALUES (1)', 2);
      expect(codeOf(await rejection(swallow('INSERT INTO nowhere VALUES (1)', 3)))).to.equal('unknown');
      expect(await values()).to.deep.equal([1, 2]);
    }));

  it('runs no further statement of a write once SQLite itself has ended the transaction', () =>
    withWriter(async ({ insert, writer, values, connection }) => {
      await connection.query(
        `CREATE TRIGGER ends BEFORE INSERT ON entries WHEN NEW.value = 2 BEGIN SELECT RAISE(ROLLBACK, 'the disk is gone'); END`,
      );
      const both = () =>
        writer.write(({ query }) => Promise.all([2, 3].map((value) => query('INSERT INTO entries (value) VALUES (?)', [value]))));
      expect(String(await rejection(both()))).to.include('the disk is gone');
      const reasons = await Promise.all([insert(1), both()].map(rejection));
      expect(reasons.map(String).join()).to.match(/the disk is gone.*the disk is gone/);
      expect(await values()).to.deep.equal([]);
      await insert(4);
      expect(await values()).to.deep.equal([4]);
    }));

  it('rolls back the statements that a write leaves behind when it rejects', () =>
    withWriter(async ({ insert, writer, values }) => {
      const hasty = writer.write(({ query }) =>
        Promise.all([
          Promise.reject(new RangeError('no')),
          ...range(20).map((value) => query(`${SLOW} INSERT INTO entries (value) VALUES (?)`, [value])),
        ]),
      );
      const [error] = await Promise.all([rejection(hasty), insert(100)]);
      expect(error).to.be.instanceOf(RangeError);
      await insert(101);
      expect(await values()).to.deep.equal([100, 101]);
    }));

  it('refuses the use of a transaction after its write has ended', () =>
    withWriter(async ({ writer, values }) => {
      const leaked = await writer.write(async (transaction) => transaction);
      expect(codeOf(await rejection(leaked.query('INSERT INTO entries (value) VALUES (1)')))).to.equal('invalid-request');
      expect(await values()).to.deep.equal([]);
    }));

  it('refuses a write from inside a write, which would wait for itself', () =>
    withWriter(async ({ insert, writer, values }) => {
      expect(codeOf(await rejection(writer.write(() => insert(1))))).to.equal('invalid-request');
      // Begun by a job, but after its end: an innocent bystander.
      let later: Promise<void> = Promise.resolve();
      await writer.write(async () => {
        later = new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(insert(2)))));
      });
      await later;
      expect(await values()).to.deep.equal([2]);
    }));

  it('keeps the statements that outlive a rejected write, alone or in a group', () =>
    withWriter(async ({ insert, writer, values }) => {
      const doomed = (value: number) =>
        rejection(
          writer.write(async ({ query, keep }) => {
            keep('INSERT OR IGNORE INTO entries (value) VALUES (?)', [value]);
            await query('INSERT INTO entries (value) VALUES (?)', [-value]);
            throw new RangeError('no');
          }),
        );
      await doomed(1);
      await Promise.all([insert(2), doomed(3)]);
      expect(await values()).to.deep.equal([1, 2, 3]);
    }));

  it('lets two writers on one file take turns without blocking each other’s event loop', () =>
    withWriter(async ({ insert, connection, values }) => {
      const second = await openWriter(connection.path);
      const other = makeGroupWriter(second);
      const others = range(50).map((value) => other.write(({ query }) => query('INSERT INTO entries (value) VALUES (?)', [1_000 + value])));
      await Promise.all([...others, ...range(50).map(insert)]);
      expect(await values()).to.have.length(100);
      await other.close();
      await second.close();
    }));

  it('refuses a write as unavailable if the lock is never given back, and commits the next one', () =>
    withWriter(
      async ({ insert, connection, values }) => {
        const second = await openWriter(connection.path);
        await second.query('BEGIN IMMEDIATE');
        const error = await rejection(insert(1));
        expect(error).to.include({ code: 'unavailable', retryable: true });
        await second.query('ROLLBACK');
        await second.close();
        await insert(2);
        expect(await values()).to.deep.equal([2]);
      },
      { lockWaitMs: 30 },
    ));

  it('commits waiting writes when it is closed, and refuses later ones', () =>
    withWriter(async ({ insert, writer, values }) => {
      const waiting = Promise.all(range(5).map(insert));
      const closing = writer.close();
      expect(codeOf(await rejection(insert(9)))).to.equal('unavailable');
      await Promise.all([waiting, closing]);
      expect(await values()).to.deep.equal(range(5));
    }));
});
