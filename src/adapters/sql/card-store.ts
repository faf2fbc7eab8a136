import type { CardStore } from '../../ports/index.ts';
import { type ApprovalRow, approvalFromRow } from './approval-store.ts';
import type { Sql, Transaction } from './sql.ts';

/** The condition repeats that of the index `approvals_card_behind` word by word, so that engines use it. */
const BEHIND = 'SELECT * FROM approvals WHERE card_shows <> status AND id > ? ORDER BY id LIMIT ?';

/** What cards show, over the database itself or over one transaction. */
export const makeCardStore = <T extends Transaction>(sql: Sql<T>): CardStore => ({
  behind: async (after, limit) => (await sql.read<ApprovalRow>(BEHIND, [after, limit])).map(approvalFromRow),
  markShown: (id, status) =>
    sql.write(async ({ query }) => {
      await query('UPDATE approvals SET card_shows = ? WHERE id = ?', [status, id]);
    }),
});
