import type { ChatId, Decider, Pairing, UserId } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { PairingStore } from '../../ports/index.ts';
import { perDialect, type Sql, type Transaction } from './sql.ts';

interface PairingRow {
  readonly user_id: string;
  readonly chat_id: string;
  readonly username: string | null;
  readonly display_name: string | null;
  readonly code: string;
  readonly status: Pairing['status'];
  readonly asked_at: number;
  readonly decided_at: number | null;
  readonly decided_by: string | null;
}

const FORGET = `DELETE FROM pairings WHERE status = 'asked' AND asked_at <= ?`;
const COUNT_OPEN = `SELECT count(*) AS count FROM pairings WHERE status = 'asked'`;
const INSERT = `INSERT INTO pairings (user_id, chat_id, username, display_name, code, status, asked_at)
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING user_id`;
const GET = 'SELECT * FROM pairings WHERE user_id = ?';
const DECIDE = 'UPDATE pairings SET status = ?, decided_at = ?, decided_by = ? WHERE user_id = ?';
const list = perDialect(({ oneOf }) => `SELECT * FROM pairings WHERE ${oneOf('status', 'text')} ORDER BY asked_at DESC, user_id LIMIT ?`);
const LIST_ALL = 'SELECT * FROM pairings ORDER BY asked_at DESC, user_id LIMIT ?';

/** Who asked to be let in, over the database itself or over one transaction. */
export const makePairingStore = <T extends Transaction>(sql: Sql<T>): PairingStore => {
  const first = async (query: string, parameters: readonly string[]): Promise<Pairing | undefined> => {
    const [row] = await sql.read<PairingRow>(query, parameters);
    return row && fromRow(row);
  };
  return {
    offer: ({ userId, chatId, username, displayName, code, status, askedAt }, { since, maxOpen }) =>
      sql.write(async (transaction) => {
        await sql.dialect.lock(transaction, 'pairings');
        await transaction.query(FORGET, [since]);
        const [open] = await transaction.query<{ readonly count: number }>(COUNT_OPEN);
        if (Number(open?.count ?? 0) >= maxOpen) return false;
        const row = [userId, chatId, username ?? null, displayName ?? null, code, status, askedAt];
        return (await transaction.query(INSERT, row)).length > 0;
      }),
    get: (userId) => first(GET, [userId]),
    byCode: (code) => first('SELECT * FROM pairings WHERE code = ?', [code]),
    update: (userId, change) =>
      sql.write(async ({ query }) => {
        const [row] = await query<PairingRow>(`${GET}${sql.rowLock}`, [userId]);
        const stored = row && fromRow(row);
        const changed = stored && change(stored);
        if (!stored || !changed) return stored;
        const { status, decidedAt = stored.decidedAt, decidedBy = stored.decidedBy } = changed;
        await query(DECIDE, [status, decidedAt ?? null, decidedBy ?? null, userId]);
        return { ...stored, status, ...present({ decidedAt, decidedBy }) };
      }),
    list: async ({ statuses, limit }) => {
      const rows = statuses
        ? sql.read<PairingRow>(list(sql.dialect), [sql.dialect.json(statuses), limit])
        : sql.read<PairingRow>(LIST_ALL, [limit]);
      return (await rows).map(fromRow);
    },
    paired: async () =>
      (await sql.read<{ readonly user_id: string }>(`SELECT user_id FROM pairings WHERE status = 'paired' ORDER BY user_id`)).map(
        ({ user_id }) => user_id as UserId,
      ),
  };
};

const fromRow = (row: PairingRow): Pairing => ({
  userId: row.user_id as UserId,
  chatId: row.chat_id as ChatId,
  code: row.code,
  status: row.status,
  askedAt: row.asked_at,
  ...present({
    username: row.username ?? undefined,
    displayName: row.display_name ?? undefined,
    decidedAt: row.decided_at ?? undefined,
    decidedBy: (row.decided_by ?? undefined) as Decider | undefined,
  }),
});
