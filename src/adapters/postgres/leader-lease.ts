import type { LeaderLease, LeaseHolder } from '../../ports/index.ts';
import type { PostgresSql } from './sql.ts';

interface LeadRow {
  readonly holder: string;
  readonly lasts: number;
}

const LASTS = 'ceil(extract(epoch FROM expires_at - clock_timestamp()) * 1000) AS lasts';
const TAKE = `INSERT INTO leads (name, holder, expires_at) VALUES (?, ?, clock_timestamp() + ? * interval '1 millisecond')
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
  WHERE leads.holder = excluded.holder OR leads.expires_at <= clock_timestamp() RETURNING holder, ${LASTS}`;
const READ = `SELECT holder, ${LASTS} FROM leads WHERE name = ?`;

/** The leader's lease of that name among all processes on one PostgreSQL, by its clock. */
export const makeLeaderLease = (sql: PostgresSql, name: string): LeaderLease => ({
  claim: (holder, leaseMs) =>
    sql.write(
      async ({ query }): Promise<LeaseHolder> => {
        for (;;) {
          const [taken] = await query<LeadRow>(TAKE, [name, holder, leaseMs]);
          const [lead] = taken ? [taken] : await query<LeadRow>(READ, [name]);
          // No row: the leader has resigned between the two statements.
          if (lead) return { holder: lead.holder, lastsMs: Math.max(0, lead.lasts) };
        }
      },
      { quiet: true },
    ),
  resign: (holder) =>
    sql.write(
      async ({ query }) => {
        await query('DELETE FROM leads WHERE name = ? AND holder = ?', [name, holder]);
      },
      { quiet: true },
    ),
});
