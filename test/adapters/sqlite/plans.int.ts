import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Query, Sql } from '../../../src/adapters/sql/sql.ts';
import { type OpenedStorage, withStorage } from '../../support/sqlite-storage.ts';
import { PLANS } from './plan-rows.ts';

/** The steps in which SQLite runs every statement of `ask`, as it plans them for an empty database. */
const planOf = async ({ sql }: OpenedStorage, ask: (sql: Sql) => Promise<unknown>): Promise<string[]> => {
  const steps: string[] = [];
  const explained =
    (query: Query): Query =>
    async (statement, params) => {
      for (const { detail } of await query<{ detail: string }>(`EXPLAIN QUERY PLAN ${statement}`, params)) steps.push(detail);
      return query(statement, params);
    };
  await ask({
    ...sql,
    read: explained(sql.read),
    write: (job) => sql.write((transaction) => job({ ...transaction, query: explained(transaction.query) })),
  });
  return steps;
};

describe('SQLite plans: frequent statements read an index, and never a whole table', () => {
  for (const [what, step, ask] of PLANS)
    it(what, () =>
      withStorage(async (storage) => {
        const steps = await planOf(storage, ask);
        expect(steps.join('\n')).to.match(step);
        expect(
          steps.filter((line) => /^SCAN (promises|outbox|messages|conversation|local_messages|here|due|audit_log)$/.test(line)),
        ).to.deep.equal([]);
      }),
    );
});
