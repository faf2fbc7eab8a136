import type { PromiseId } from '../../domain/index.ts';
import type { PromiseRetention, PurgeRequest } from '../../ports/index.ts';
import { perDialect, type Sql, type SqlValue, type Transaction } from './sql.ts';

const statements = perDialect(({ oneOf, rowLocks }) => {
  const purgeable = `SELECT id FROM promises WHERE completed_at IS NOT NULL AND completed_at < ? AND (delivered_at IS NOT NULL OR completed_at < ?)
    AND NOT EXISTS (SELECT 1 FROM outbox WHERE promise_id = promises.id AND status = 'pending')
    AND NOT EXISTS (SELECT 1 FROM promise_dependencies JOIN promises child ON child.id = promise_id
      WHERE parent_id = promises.id AND child.completed_at IS NULL)
    ORDER BY completed_at, id LIMIT ?`;
  return {
    purgeable,
    holdPurgeable: `${purgeable}${rowLocks ? `${rowLocks.exclusive} OF promises` : ''}`,
    removeItems: `DELETE FROM outbox WHERE ${oneOf('promise_id', 'integer')}`,
    removeApprovals: `DELETE FROM approvals WHERE ${oneOf('promise_id', 'integer')}`,
    removeSteps: `DELETE FROM run_steps WHERE run_id IN (SELECT id FROM runs WHERE ${oneOf('promise_id', 'integer')})`,
    removeRuns: `DELETE FROM runs WHERE ${oneOf('promise_id', 'integer')}`,
    remove: `DELETE FROM promises WHERE ${oneOf('id', 'integer')}`,
  };
});

/** Purges promises, over the database itself or over one transaction. */
export const makePurge = <T extends Transaction>(sql: Sql<T>): PromiseRetention => {
  const { purgeable, holdPurgeable, removeItems, removeApprovals, removeSteps, removeRuns, remove } = statements(sql.dialect);
  return {
    purgeable: async (request) => (await sql.read<{ id: PromiseId }>(purgeable, parameters(request))).map(({ id }) => id),
    purge: (request) =>
      sql.write(async ({ query }) => {
        const ids = (await query<{ id: PromiseId }>(holdPurgeable, parameters(request))).map(({ id }) => id);
        if (ids.length === 0) return ids;
        for (const statement of [removeItems, removeApprovals, removeSteps, removeRuns, remove])
          await query(statement, [sql.dialect.json(ids)]);
        return ids;
      }),
  };
};

const parameters = ({ settledBefore, undeliveredBefore, limit }: PurgeRequest): readonly SqlValue[] => [
  new Date(settledBefore).toISOString(),
  new Date(undeliveredBefore).toISOString(),
  limit,
];
