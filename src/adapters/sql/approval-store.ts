import {
  APPROVAL_STATUSES,
  type Approval,
  type ApprovalId,
  type ApprovalStatus,
  type ChatId,
  changedApproval,
  type Decider,
  type MessageId,
  moneyOf,
  type PromiseId,
  requesterFields,
  type StandingApproval,
  type StandingId,
  type TrustLabel,
} from '../../domain/index.ts';
import { type ApprovalStore, PortError } from '../../ports/index.ts';
import { perDialect, type Query, type Sql, type SqlValue, type Transaction } from './sql.ts';

export interface ApprovalRow {
  readonly id: number;
  readonly chat_id: string;
  readonly chat_kind: Approval['chatKind'];
  readonly message_id: string | null;
  readonly promise_id: number;
  readonly call_key: string | null;
  readonly tool: string;
  readonly input: string;
  readonly directory: string;
  readonly digest: string;
  readonly agent: string;
  readonly requested_by: string;
  readonly labels: string;
  readonly reason: string;
  readonly cost: number | null;
  readonly token: string;
  readonly asked_at: number;
  readonly expires_at: number;
  readonly status: ApprovalStatus;
  readonly decided_at: number | null;
  readonly decided_by: string | null;
  readonly ended_at: number | null;
  readonly outcome: string | null;
  readonly is_unknown: number | null;
}

interface StandingRow {
  readonly id: number;
  readonly tool: string;
  readonly directory: string;
  readonly chat_id: string;
  readonly given_by: string;
  readonly given_at: number;
  readonly expires_at: number;
  readonly approval_id: number;
  readonly revoked_at: number | null;
  readonly revoked_by: string | null;
}

const INSERT = `INSERT INTO approvals (id, chat_id, chat_kind, message_id, promise_id, call_key, tool, input, directory, digest, agent,
  requested_by, labels, reason, cost, token, asked_at, expires_at, status, decided_at, decided_by, ended_at, outcome, is_unknown)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`;
const UPDATE = 'UPDATE approvals SET status = ?, decided_at = ?, decided_by = ?, ended_at = ?, outcome = ?, is_unknown = ? WHERE id = ?';
const OPEN = `status IN ('asked', 'approved')`;
const INSERT_STANDING = `INSERT INTO standing_approvals (id, tool, directory, chat_id, given_by, given_at, expires_at, approval_id)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const STANDING = 'SELECT * FROM standing_approvals WHERE id = ?';
const STANDING_FOR = `SELECT * FROM standing_approvals WHERE chat_id = ? AND tool = ? AND directory = ? AND revoked_at IS NULL
  AND given_at <= ? AND expires_at > ? ORDER BY id DESC LIMIT 1`;
const REVOKE = `UPDATE standing_approvals SET revoked_at = ?, revoked_by = ?
  WHERE id = ? AND revoked_at IS NULL AND given_at <= ? AND expires_at > ?`;

const statements = perDialect(({ oneOf, rowLocks }) => ({
  lock: `SELECT * FROM approvals WHERE ${oneOf('id', 'integer')} ORDER BY id${rowLocks?.exclusive ?? ''}`,
  openOf: `WHERE ${oneOf('promise_id', 'integer')} AND ${OPEN} ORDER BY id`,
  remove: `DELETE FROM approvals WHERE ${oneOf('id', 'integer')}`,
}));

/** Approvals, over the database itself or over one transaction. */
export const makeApprovalStore = <T extends Transaction>(sql: Sql<T>): ApprovalStore => {
  const { json, reserve } = sql.dialect;
  const { lock, openOf, remove } = statements(sql.dialect);

  const select = async (rest: string, params: readonly SqlValue[]): Promise<readonly Approval[]> =>
    (await sql.read<ApprovalRow>(`SELECT * FROM approvals ${rest}`, params)).map(approvalFromRow);
  const selectStanding = async (query: Query, id: StandingId): Promise<StandingApproval | undefined> =>
    (await query<StandingRow>(STANDING, [id])).map(standingFromRow)[0];

  return {
    reserveIds: async (count) => (await reserve(sql, 'approval', count)) as readonly ApprovalId[],
    add: (approvals) =>
      sql.write(async ({ query }) => {
        const added: number[] = [];
        for (const approval of approvals) {
          const [row] = await query<{ id: number }>(INSERT, toRow(approval, json));
          if (row) added.push(row.id);
          else {
            // A refusal must leave nothing behind, even in a unit of work that goes on after it.
            await query(remove, [json(added)]);
            throw new PortError('concurrency', `approval #${approval.id} is already stored`, { retryable: false });
          }
        }
      }),
    get: async (id) => (await select('WHERE id = ?', [id]))[0],
    update: async (ids, change) => {
      if (ids.length === 0) return [];
      return sql.write(async ({ query }) => {
        const stored = (await query<ApprovalRow>(lock, [json(ids)])).map(approvalFromRow);
        const changes = stored.map((approval) => ({ approval, next: change(approval) }));
        for (const { approval, next } of changes) if (next) await query(UPDATE, [...stateOf(next), approval.id]);
        return changes.map(({ approval, next }) => (next ? changedApproval(approval, next) : approval));
      });
    },
    list: ({ chatId, statuses, before, limit }) => {
      // Only known values, because they become part of the statement.
      const known = statuses && APPROVAL_STATUSES.filter((status) => statuses.includes(status)).map((status) => `'${status}'`);
      if (known?.length === 0) return Promise.resolve([]);
      const terms = [
        ...(chatId === undefined ? [] : ['chat_id = ?']),
        ...(before === undefined ? [] : ['id < ?']),
        ...(known ? [`status IN (${known.join(', ')})`] : []),
      ];
      const where = terms.length > 0 ? `WHERE ${terms.join(' AND ')} ` : '';
      return select(`${where}ORDER BY id DESC LIMIT ?`, [...[chatId, before].filter((given) => given !== undefined), limit]);
    },
    ofPromise: (promiseId) => select('WHERE promise_id = ? ORDER BY id', [promiseId]),
    openOf: (promiseIds) => (promiseIds.length === 0 ? Promise.resolve([]) : select(openOf, [json(promiseIds)])),
    countAsked: async (chatId) => {
      const count = `SELECT count(*) AS count FROM approvals WHERE chat_id = ? AND status = 'asked'`;
      return Number((await sql.read<{ count: number }>(count, [chatId]))[0]?.count ?? 0);
    },
    due: (now, limit) => select(`WHERE status = 'asked' AND expires_at <= ? ORDER BY expires_at, id LIMIT ?`, [now, limit]),
    nextExpiry: async () => {
      const earliest = `SELECT MIN(expires_at) AS at FROM approvals WHERE status = 'asked'`;
      return (await sql.read<{ at: number | null }>(earliest))[0]?.at ?? undefined;
    },
    reserveStandingIds: async (count) => (await reserve(sql, 'standing', count)) as readonly StandingId[],
    addStanding: ({ id, tool, directory, chatId, givenBy, givenAt, expiresAt, approvalId }) =>
      sql.write(async ({ query }) => {
        await query(INSERT_STANDING, [id, tool, directory, chatId, givenBy, givenAt, expiresAt, approvalId]);
      }),
    getStanding: (id) => selectStanding(sql.read, id),
    listStanding: async ({ chatId, holdingAt, limit }) => {
      const terms = [
        ...(chatId === undefined ? [] : ['chat_id = ?']),
        ...(holdingAt === undefined ? [] : ['revoked_at IS NULL AND given_at <= ? AND expires_at > ?']),
      ];
      const where = terms.length > 0 ? `WHERE ${terms.join(' AND ')} ` : '';
      const params = [...(chatId === undefined ? [] : [chatId]), ...(holdingAt === undefined ? [] : [holdingAt, holdingAt]), limit];
      const rows = await sql.read<StandingRow>(`SELECT * FROM standing_approvals ${where}ORDER BY id DESC LIMIT ?`, params);
      return rows.map(standingFromRow);
    },
    standingFor: async ({ chatId, tool, directory }, at) =>
      (await sql.read<StandingRow>(STANDING_FOR, [chatId, tool, directory, at, at])).map(standingFromRow)[0],
    revokeStanding: (id, at, by) =>
      sql.write(async ({ query }) => {
        await query(REVOKE, [at, by, id, at, at]);
        return selectStanding(query, id);
      }),
  };
};

/** `status`, `decided_at`, `decided_by`, `ended_at`, `outcome`, `is_unknown`. */
const stateOf = ({ status, decidedAt, decidedBy, endedAt, outcome, isUnknown }: Approval): readonly SqlValue[] => [
  status,
  decidedAt ?? null,
  decidedBy ?? null,
  endedAt ?? null,
  outcome ?? null,
  isUnknown ? 1 : 0,
];

const toRow = (approval: Approval, json: (value: unknown) => string): readonly SqlValue[] => [
  approval.id,
  approval.call.chatId,
  approval.chatKind,
  approval.messageId ?? null,
  approval.promiseId,
  approval.callKey ?? null,
  approval.call.tool,
  json(approval.call.input ?? null),
  approval.call.directory,
  approval.digest,
  approval.agent,
  json(requesterFields(approval.requestedBy)),
  json(approval.labels),
  approval.reason,
  approval.cost ?? null,
  approval.token,
  approval.askedAt,
  approval.expiresAt,
  ...stateOf(approval),
];

export const approvalFromRow = (row: ApprovalRow): Approval => ({
  id: row.id as ApprovalId,
  call: { tool: row.tool, input: JSON.parse(row.input), directory: row.directory, chatId: row.chat_id as ChatId },
  chatKind: row.chat_kind,
  digest: row.digest,
  promiseId: row.promise_id as PromiseId,
  ...(row.call_key === null ? {} : { callKey: row.call_key }),
  agent: row.agent,
  ...(row.message_id === null ? {} : { messageId: row.message_id as MessageId }),
  requestedBy: requesterFields(JSON.parse(row.requested_by) as Approval['requestedBy']),
  labels: JSON.parse(row.labels) as readonly TrustLabel[],
  reason: row.reason,
  ...(row.cost === null ? {} : { cost: moneyOf(row.cost) }),
  token: row.token,
  askedAt: row.asked_at,
  expiresAt: row.expires_at,
  status: row.status,
  ...(row.decided_at === null ? {} : { decidedAt: row.decided_at }),
  ...(row.decided_by === null ? {} : { decidedBy: row.decided_by as Decider }),
  ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  ...(row.outcome === null ? {} : { outcome: row.outcome }),
  ...(isUnknownIn(row) ? { isUnknown: true } : {}),
});

/** A process of the version before the column, which may run beside this one, says it by how the outcome begins. */
const isUnknownIn = ({ is_unknown, status, outcome }: ApprovalRow): boolean =>
  is_unknown === 1 || (is_unknown === null && status === 'failed' && outcome?.startsWith('It may have happened.') === true);

const standingFromRow = (row: StandingRow): StandingApproval => ({
  id: row.id as StandingId,
  tool: row.tool,
  directory: row.directory,
  chatId: row.chat_id as ChatId,
  givenBy: row.given_by as Decider,
  givenAt: row.given_at,
  expiresAt: row.expires_at,
  approvalId: row.approval_id as ApprovalId,
  ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
  ...(row.revoked_by === null ? {} : { revokedBy: row.revoked_by as Decider }),
});
