import {
  type AuditFact,
  type AuditHead,
  type AuditKind,
  type AuditRow,
  auditFields,
  chainBehind,
  chatOfFact,
  checkRows,
  NO_ROWS,
  present,
} from '../../domain/index.ts';
import { type AuditLog, isPortError, PortError } from '../../ports/index.ts';
import { makeKeyValueState } from './key-value-state.ts';
import { integers, perDialect, type Sql, type SqlValue, type Transaction, texts, within } from './sql.ts';

interface FactRow {
  readonly id: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly chat_id: string | null;
  readonly facts: string;
}

interface SealedRow extends FactRow {
  readonly seq: number;
  readonly previous: string;
  readonly hash: string;
}

const FACT = { ...integers('at'), ...texts('kind', 'actor', 'chat_id', 'facts') };
const NAMES = Object.keys(FACT).join(', ');
const TOLD = { ...FACT, ...texts('once') };
const TOLD_NAMES = Object.keys(TOLD).join(', ');
const statements = perDialect(({ overRows, updateOver, oneOf }) => ({
  add: overRows(
    'fact',
    TOLD,
    (rows) => `INSERT INTO audit_log (${TOLD_NAMES}) SELECT ${TOLD_NAMES} FROM ${rows} WHERE true ORDER BY ordinal ON CONFLICT DO NOTHING`,
  ),
  seal: updateOver('audit_log', integers('id'), { ...integers('seq'), ...texts('previous', 'hash') }, 'at = at'),
  ofKinds: oneOf('kind', 'text'),
}));
const UNSEALED = `SELECT id, ${NAMES} FROM audit_log WHERE seq IS NULL ORDER BY id LIMIT ?`;
const WAITING = 'SELECT count(*) AS count, min(at) AS since FROM audit_log WHERE seq IS NULL';
const LAST = 'SELECT seq, hash FROM audit_log WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1';
// With the bare column, a planner may look for the least number first, and read the whole log for its time.
const FIRST_SINCE = 'SELECT min(seq + 0) AS seq FROM audit_log WHERE seq IS NOT NULL AND at >= ?';

/** Triggers, on both engines. */
const GUARDS = ['audit_log_keeps_facts', 'audit_log_keeps_rows'];

/** The owner and the key of the head: it stands apart from the rows, so that it tells of rows that are removed. */
const OWNER = 'audit';
const HEAD = 'head';

/** The audit log, over the database itself or over one transaction. */
export const makeAuditLog = <T extends Transaction>(sql: Sql<T>): AuditLog => {
  const { dialect } = sql;
  const { add, seal, ofKinds } = statements(dialect);

  const read: AuditLog['read'] = async ({ after, before, since, kinds, chatId, newestFirst = false, limit }) => {
    const first = since === undefined ? undefined : (await sql.read<{ seq: number | null }>(FIRST_SINCE, [since]))[0]?.seq;
    if (first === null) return [];
    const conditions: readonly (readonly [string, SqlValue | undefined])[] = [
      ['seq > ?', Math.max(after ?? 0, (first ?? 1) - 1)],
      ['seq < ?', before],
      ['at >= ?', since],
      [ofKinds, kinds && dialect.json(kinds)],
      ['chat_id = ?', chatId],
    ];
    const asked = conditions.flatMap(([condition, value]) => (value === undefined ? [] : [[condition, value] as const]));
    const select = `SELECT * FROM audit_log WHERE ${asked.map(([condition]) => condition).join(' AND ')} ORDER BY seq ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?`;
    const rows = await told(sql.read<SealedRow>(select, [...asked.map(([, value]) => value), limit]));
    return rows.map(fromRow);
  };

  return {
    add: async (facts) => {
      if (facts.length === 0) return;
      const rows = facts.map(auditFields).map((fact) => toRow(fact, dialect.json));
      await sql.write(async ({ query }) => void (await dialect.runOver(query, add, rows)));
    },
    seal: async (limit) => {
      // Most of the time there is nothing to seal: a read that finds nothing is no commit.
      if ((await sql.read(UNSEALED, [1])).length === 0) return 0;
      return sql.write(async (transaction) => {
        const { query } = transaction;
        await dialect.lock(transaction, 'audit');
        const state = makeKeyValueState(within(dialect, transaction), OWNER);
        const facts = await query<FactRow>(UNSEALED, [limit]);
        const [last = NO_ROWS] = await query<AuditHead>(LAST);
        const head = headIn(await state.get(HEAD));
        const rows = chainBehind(last.seq > head.seq ? last : head, facts.map(factOf));
        const end = rows.at(-1);
        if (!end) return 0;
        await dialect.runOver(
          query,
          seal,
          rows.map(({ seq, previous, hash }, at) => ({ id: facts[at]?.id ?? null, seq, previous, hash })),
        );
        await state.set(new Map([[HEAD, JSON.stringify({ seq: end.seq, hash: end.hash })]]));
        return rows.length;
      });
    },
    read,
    head: async () => headIn(await makeKeyValueState(sql, OWNER).get(HEAD)),
    check: async (head, limit) => {
      // From the head itself on: it may stand there once more.
      const rows = await read({ after: head.seq - 1, limit: limit + 1 });
      return checkRows(head, rows.slice(rows[0]?.seq === head.seq ? 1 : 0).slice(0, limit));
    },
    missingGuards: async () => {
      const there = await sql.read<{ name: string }>(dialect.triggersOf, ['audit_log']);
      return GUARDS.filter((name) => !there.some((trigger) => trigger.name === name));
    },
    unsealed: async () => {
      const [row] = await told(sql.read<{ count: number; since: number | null }>(WAITING));
      return { count: Number(row?.count ?? 0), ...present({ since: row?.since ?? undefined }) };
    },
  };
};

/** Says in words that the table itself is gone. */
const told = async <T>(reading: Promise<T>): Promise<T> => {
  try {
    return await reading;
  } catch (error) {
    if (!isPortError(error) || !TABLE_GONE.test(error.message)) throw error;
    const words = 'the table audit_log, which holds the audit log, was removed from the database';
    const todo = 'keep the database as it is, and compare it with a backup or an earlier export (docs/how-to/audit.md)';
    throw new PortError('storage-corrupt', `${words}: ${todo}`, { retryable: false, cause: error });
  }
};
const TABLE_GONE = /no such table: audit_log|relation "audit_log" does not exist/;

const toRow = (fact: AuditFact, json: (value: unknown) => string) => ({
  at: fact.at,
  kind: fact.kind,
  actor: fact.actor,
  chat_id: chatOfFact(fact) ?? null,
  facts: json(fact.facts),
  once: fact.once ?? null,
});

const headIn = (stored: string | undefined): AuditHead => {
  if (stored === undefined) return NO_ROWS;
  const head = parsed(stored) as Partial<AuditHead> | undefined;
  return typeof head?.seq === 'number' && typeof head.hash === 'string' ? { seq: head.seq, hash: head.hash } : NO_ROWS;
};

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    // Somebody wrote into the database: the chain tells it.
    return undefined;
  }
};

const factOf = (row: FactRow): AuditFact => {
  const facts = parsed(row.facts);
  const isWhole =
    typeof facts === 'object' && facts !== null && !Array.isArray(facts) && (chatOfFact({ facts: { ...facts } }) ?? null) === row.chat_id;
  return {
    at: row.at,
    kind: row.kind as AuditKind,
    actor: row.actor,
    facts: isWhole ? { ...facts } : { damaged: true, chatId: row.chat_id, stored: row.facts },
  };
};

const fromRow = (row: SealedRow): AuditRow => ({ ...factOf(row), seq: row.seq, previous: row.previous ?? '', hash: row.hash ?? '' });
