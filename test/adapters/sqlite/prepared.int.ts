import { strict as assert } from 'node:assert';
import Database from 'better-sqlite3-13';
import type { Query, Sql, SqlValue } from '../../../src/adapters/sql/sql.ts';
import { unpeeked } from '../../../src/adapters/sqlite/unpeeked.ts';
import { withStorage } from '../../support/sqlite-storage.ts';
import { PLANS } from './plan-rows.ts';

/** The questions of `ask` that have parameters, with one set of them. */
const questionsOf = async (sql: Sql, ask: (sql: Sql) => Promise<unknown>) => {
  const asked = new Map<string, readonly SqlValue[]>();
  const recording =
    (query: Query): Query =>
    (statement, params = []) => {
      if (params.length > 0 && /^\s*(SELECT|WITH)\b/.test(statement)) asked.set(statement, params);
      return query(statement, params);
    };
  await ask({
    ...sql,
    read: recording(sql.read),
    write: (job) => sql.write((transaction) => job({ ...transaction, query: recording(transaction.query) })),
  });
  return asked;
};

/** The least of many, in ms: whatever else the machine does only adds. */
const leastOf = (work: () => unknown): number => {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 60; i += 1) {
    const at = performance.now();
    work();
    least = Math.min(least, performance.now() - at);
  }
  return least;
};

describe('Prepared statements of SQLite', function () {
  this.timeout(60_000);

  it('are not parsed anew at each run: a run takes less than half of their preparation', async () => {
    const slow: string[] = [];
    const seen = new Set<string>();
    for (const [, , ask] of PLANS)
      await withStorage(async ({ sql, path }) => {
        const asked = await questionsOf(sql, ask);
        const database = new Database(path, { timeout: 0 });
        for (const [statement, params] of [...asked].filter(([text]) => !seen.has(text))) {
          seen.add(statement);
          const text = unpeeked(statement);
          const prepared = database.prepare(text);
          const share = leastOf(() => prepared.all(...params)) / leastOf(() => database.prepare(text));
          if (share >= 0.5) slow.push(`${share.toFixed(2)}: ${statement}`);
        }
        database.close();
      });
    assert.ok(seen.size > 40, `${seen.size} questions`);
    assert.deepEqual(slow, []);
  });
});

describe('A statement into whose parameters SQLite does not look', () => {
  for (const [what, before, after] of [
    ['a parameter', 'SELECT a FROM t WHERE b = ? LIMIT ?', 'SELECT a FROM t WHERE b = +? LIMIT +?'],
    ['a list', 'WHERE a IN (?, ?)', 'WHERE a IN (+?, +?)'],
    ['a text', "WHERE a = 'why? it''s ?' AND b = ?", "WHERE a = 'why? it''s ?' AND b = +?"],
    ['a name', 'WHERE "a?" = ?', 'WHERE "a?" = +?'],
    ['a comment', 'SELECT 1 -- why?\n WHERE b = ?', 'SELECT 1 -- why?\n WHERE b = +?'],
  ] as const)
    it(`keeps ${what}`, () => assert.equal(unpeeked(before), after));
});
