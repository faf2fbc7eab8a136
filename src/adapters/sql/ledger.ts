import {
  type BudgetOwner,
  type ChatId,
  fits,
  type LedgerEntry,
  type LimitUse,
  type MicroUsd,
  present,
  type Reservation,
  type SpendingLimit,
  type UsageGroup,
  type UsageRow,
  type UsageSum,
} from '../../domain/index.ts';
import type { Ledger, UsageQuery } from '../../ports/index.ts';
import { integers, perDialect, type Query, type Sql, type SqlValue, type Transaction, texts, type Values } from './sql.ts';

const ENTRY = {
  ...texts('id'),
  ...integers('at'),
  ...texts('spent_on', 'name', 'chat_id', 'workspace', 'person', 'agent'),
  ...integers('promise_id'),
  ...texts('turn_id'),
  ...integers('input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens', 'cost', 'estimated'),
};
const NAMES = Object.keys(ENTRY).join(', ');

const statements = perDialect(({ overRows, oneOf }) => ({
  // Whoever stores it again may know more of where it belongs.
  add: overRows(
    'entry',
    ENTRY,
    (rows) => `INSERT INTO ledger (${NAMES}) SELECT ${NAMES} FROM ${rows} WHERE true
      ON CONFLICT (id) DO UPDATE SET turn_id = coalesce(ledger.turn_id, excluded.turn_id),
      promise_id = coalesce(ledger.promise_id, excluded.promise_id)`,
  ),
  renew: `UPDATE budget_reservations SET expires_at = ? WHERE ${oneOf('id', 'text')}`,
  release: `DELETE FROM budget_reservations WHERE ${oneOf('id', 'text')}`,
}));

const SUMS = `count(*) AS calls, count(*) - count(cost) AS unpriced, coalesce(sum(cost), 0) AS cost,
  ${['input', 'output', 'cache_read', 'cache_write'].map((kind) => `coalesce(sum(${kind}_tokens), 0) AS ${kind}_tokens`).join(', ')}`;

const DAY_MS = 86_400_000;
const GROUPS: Readonly<Record<UsageGroup, string>> = {
  workspace: "coalesce(workspace, '')",
  person: "coalesce(person, '')",
  agent: 'agent',
  tool: 'name',
  day: `at / ${DAY_MS}`,
};

const RESERVED = 'SELECT coalesce(sum(cost), 0) AS cost FROM budget_reservations WHERE expires_at > ?';
const REMOVE_EXPIRED = 'DELETE FROM budget_reservations WHERE expires_at <= ? RETURNING id';
const RESERVE = `INSERT INTO budget_reservations (id, at, name, chat_id, workspace, person, promise_id, cost, expires_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at, name = excluded.name, cost = excluded.cost,
  workspace = excluded.workspace, person = excluded.person, promise_id = excluded.promise_id, expires_at = excluded.expires_at`;
const COSTS = `SELECT costs.cost FROM (SELECT promise_id, sum(cost) AS cost, count(*) - count(cost) AS unpriced FROM ledger
    WHERE agent = ? AND promise_id IS NOT NULL GROUP BY promise_id ORDER BY promise_id DESC LIMIT ?) AS costs
  LEFT JOIN promises ON promises.id = costs.promise_id
  WHERE costs.unpriced = 0 AND (promises.id IS NULL OR promises.status = 'completed') ORDER BY costs.cost`;
/** Some of the promises that are found are under way, or have no price. */
const MORE = 2;
const SPENDING_OVER = `SELECT at / CAST(? AS BIGINT) AS step, coalesce(sum(cost), 0) AS cost, count(*) AS calls FROM ledger WHERE at >= ? AND at < ?
  GROUP BY 1 ORDER BY 1`;
const PURGE = 'DELETE FROM ledger WHERE id IN (SELECT id FROM ledger WHERE at < ? ORDER BY at LIMIT ?) RETURNING id';

interface SumRow {
  readonly calls: number;
  readonly unpriced: number;
  readonly cost: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
}

/** The ledger, over the database itself or over one transaction. */
export const makeLedger = <T extends Transaction>(sql: Sql<T>): Ledger => {
  const { dialect } = sql;
  const { add, renew, release } = statements(dialect);
  const skew = (): number => sql.skewMs?.() ?? 0;

  const usesIn = async (query: Query, limits: readonly SpendingLimit[], now: number, without = ''): Promise<readonly LimitUse[]> => {
    if (limits.length === 0) return [];
    // One statement sees both at the same moment: what is settled meanwhile is in one of them.
    const parts = limits.map((limit, at) => useOf(limit, at, now, without));
    const [row = {}] = await query<Readonly<Record<string, number>>>(
      `SELECT ${parts.map(({ text }) => text).join(', ')}`,
      parts.flatMap(({ params }) => params),
    );
    return limits.map((_, at) => ({ spent: money(row[`spent_${at}`]), reserved: money(row[`reserved_${at}`]) }));
  };

  return {
    add: (entries) =>
      sql.write(async ({ query }) => {
        if (entries.length > 0) await dialect.runOver(query, add, eachOnce(entries).map(entryToRow));
      }),
    total: async (asked) => {
      const { where, params } = conditionOf(asked);
      const [row] = await sql.read<SumRow>(`SELECT ${SUMS} FROM ledger ${where}`, params);
      return sumFromRow(row);
    },
    usage: async ({ by, limit, ...asked }) => {
      const { where, params } = conditionOf(asked);
      const order = by === 'day' ? 'group_key DESC' : 'cost DESC, calls DESC';
      const rows = await sql.read<SumRow & { readonly group_key: string | number }>(
        `SELECT ${GROUPS[by]} AS group_key, ${SUMS} FROM ledger ${where} GROUP BY 1 ORDER BY ${order} LIMIT ?`,
        [...params, limit],
      );
      return rows.map((row) => ({ ...sumFromRow(row), key: keyOf(row.group_key, by) })).sort(by === 'day' ? byDay : byCost);
    },
    spendingOver: async ({ since, until, stepMs }) => {
      const rows = await sql.read<{ step: number; cost: number; calls: number }>(SPENDING_OVER, [stepMs, since, until]);
      return rows.map(({ step, cost, calls }) => ({ at: Number(step) * stepMs, cost: money(cost), calls: Number(calls) }));
    },
    reserved: async (now) => money((await sql.read<{ cost: number }>(RESERVED, [now + skew()]))[0]?.cost),
    uses: (limits, now) => usesIn(sql.read, limits, now + skew()),
    reserve: (reservation, limits, now) =>
      sql.write(async (transaction) => {
        const { query } = transaction;
        // In the same order for everybody: nobody waits for somebody who waits for them.
        for (const name of [...new Set(limits.map(({ owner }) => nameOf(owner)))].sort()) await dialect.lock(transaction, `budget:${name}`);
        const lapsed = (await query(REMOVE_EXPIRED, [now + skew()])).length;
        const uses = await usesIn(query, limits, now + skew(), reservation.id);
        const admitted = limits.every((limit, at) => {
          const use = uses[at];
          return use !== undefined && fits(limit, use, reservation.cost);
        });
        if (admitted) await query(RESERVE, reservationToRow(reservation, skew()));
        return { admitted, uses, lapsed };
      }),
    renew: (ids, expiresAt) =>
      sql.write(async ({ query }) => {
        if (ids.length > 0) await query(renew, [expiresAt + skew(), dialect.json(ids)]);
      }),
    release: (ids) =>
      sql.write(async ({ query }) => {
        if (ids.length > 0) await query(release, [dialect.json(ids)]);
      }),
    ofTurn: async (id) => sumFromRow((await sql.read<SumRow>(`SELECT ${SUMS} FROM ledger WHERE turn_id = ?`, [id]))[0]),
    ofPromise: async (id) => sumFromRow((await sql.read<SumRow>(`SELECT ${SUMS} FROM ledger WHERE promise_id = ?`, [id]))[0]),
    costsOfPromises: async ({ agent, limit }) =>
      (await sql.read<{ cost: number }>(COSTS, [agent, limit * MORE])).slice(0, limit).map(({ cost }) => money(cost)),
    purge: ({ before, limit }) => sql.write(async ({ query }) => (await query(PURGE, [before, limit])).length),
  };
};

/** One statement may not store a row twice. */
const eachOnce = (entries: readonly LedgerEntry[]): readonly LedgerEntry[] => {
  const known = new Map<string, LedgerEntry>();
  for (const entry of entries) {
    const { turnId, promiseId, ...first } = known.get(entry.id) ?? entry;
    known.set(entry.id, { ...first, ...present({ turnId: turnId ?? entry.turnId, promiseId: promiseId ?? entry.promiseId }) });
  }
  return [...known.values()];
};

const nameOf = (owner: BudgetOwner): string => {
  switch (owner.of) {
    case 'installation':
      return 'installation';
    case 'workspace':
      return `workspace:${owner.workspace}`;
    case 'person':
      return `person:${owner.person}`;
    case 'promise':
      return `promise:${owner.promiseId}`;
  }
};

/** The condition that chooses what counts for an owner; its columns are the same in both tables. */
const ofOwner = (owner: BudgetOwner): { readonly text: string; readonly params: readonly SqlValue[] } => {
  switch (owner.of) {
    case 'installation':
      return { text: '', params: [] };
    case 'workspace':
      return { text: ' AND workspace = ?', params: [owner.workspace] };
    case 'person':
      return { text: ' AND person = ?', params: [owner.person] };
    case 'promise':
      return { text: ' AND promise_id = ?', params: [owner.promiseId] };
  }
};

const useOf = ({ owner, since, until }: SpendingLimit, at: number, now: number, without: string) => {
  const { text, params } = ofOwner(owner);
  const within = `at >= ? AND at < ?${text}`;
  const spent = `(SELECT coalesce(sum(cost), 0) FROM ledger WHERE ${within}) AS spent_${at}`;
  const reserved = `(SELECT coalesce(sum(cost), 0) FROM budget_reservations WHERE ${within} AND expires_at > ? AND id <> ?) AS reserved_${at}`;
  return { text: `${spent}, ${reserved}`, params: [since, until, ...params, since, until, ...params, now, without] };
};

const conditionOf = ({ since, chatId }: UsageQuery): { readonly where: string; readonly params: readonly SqlValue[] } => {
  const terms = [...(chatId === undefined ? [] : ['chat_id = ?']), ...(since === undefined ? [] : ['at >= ?'])];
  const params = [...(chatId === undefined ? [] : [chatId]), ...(since === undefined ? [] : [since])];
  return { where: terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`, params };
};

const entryToRow = ({ usage, ...entry }: LedgerEntry): Values => ({
  id: entry.id,
  at: entry.at,
  spent_on: entry.on,
  name: entry.name,
  chat_id: entry.chatId,
  workspace: entry.workspace,
  person: entry.person,
  agent: entry.agent,
  promise_id: entry.promiseId,
  turn_id: entry.turnId,
  input_tokens: usage.inputTokens,
  output_tokens: usage.outputTokens,
  cache_read_tokens: usage.cacheReadTokens,
  cache_write_tokens: usage.cacheWriteTokens,
  cost: entry.cost,
  estimated: entry.estimated ? 1 : 0,
});

const reservationToRow = (reservation: Reservation, skewMs: number): readonly SqlValue[] => [
  ...[reservation.id, reservation.at, reservation.name, reservation.chatId as ChatId],
  ...[reservation.workspace ?? null, reservation.person ?? null, reservation.promiseId ?? null],
  ...[reservation.cost, reservation.expiresAt + skewMs],
];

const money = (value: number | undefined): MicroUsd => Number(value ?? 0) as MicroUsd;

const sumFromRow = (row: SumRow | undefined): UsageSum => ({
  inputTokens: Number(row?.input_tokens ?? 0),
  outputTokens: Number(row?.output_tokens ?? 0),
  cacheReadTokens: Number(row?.cache_read_tokens ?? 0),
  cacheWriteTokens: Number(row?.cache_write_tokens ?? 0),
  cost: money(row?.cost),
  calls: Number(row?.calls ?? 0),
  unpriced: Number(row?.unpriced ?? 0),
});

const keyOf = (key: string | number, by: UsageGroup): string =>
  by === 'day' ? new Date(Number(key) * DAY_MS).toISOString().slice(0, 10) : String(key);

const byCost = (a: UsageRow, b: UsageRow): number => b.cost - a.cost || b.calls - a.calls || (a.key < b.key ? -1 : 1);
const byDay = (a: UsageRow, b: UsageRow): number => (a.key < b.key ? 1 : -1);
