import {
  type AgentPromise,
  type ApprovalId,
  type ChatId,
  failureFields,
  type Lease,
  type MessageId,
  type PromiseFailure,
  type PromiseId,
  type PromiseState,
  provenanceToText,
  requesterFields,
  retryPolicy,
  type TaskType,
} from '../../domain/index.ts';
import { provenanceIn } from './provenance-column.ts';
import { type Columns, integers, perDialect, texts } from './sql.ts';

/** The columns of a promise's spec, which never change. */
const TERM_COLUMNS: Columns = {
  ...integers('id', 'priority', 'not_before'),
  ...texts('chat_id', 'chat_kind', 'message_id'),
  ...texts('task_description', 'agent', 'task_type', 'created_at', 'metadata', 'requested_by', 'tenant', 'retry', 'idempotency_key'),
};
/** The columns of a promise's state, which each save writes. */
const STATE_COLUMNS: Columns = {
  ...integers(
    'attempts',
    'failures',
    'lost_leases',
    'deadline_at',
    'due_at',
    'started_at',
    'lease_expires_at',
    'delivered_at',
    'progress_at',
    'approval_id',
  ),
  ...texts(
    'status',
    'lease_worker',
    'completed_at',
    'result_summary',
    'error_code',
    'error_message',
    'last_error',
    'progress',
    'provenance',
  ),
};
/** The columns that identify the state that a save replaces. */
const IDENTITY = integers('id', 'version');
const NEXT_VERSION = 'version = promises.version + 1';

const ROW: Columns = { ...TERM_COLUMNS, ...STATE_COLUMNS, ...IDENTITY };
const NAMES = Object.keys(ROW).join(', ');

/** The long statements on promises, in one database's words. */
export const promiseStatements = perDialect(({ overRows, updateOver, oneOf, among, jsonArray, rowLocks, using }) => ({
  select: `SELECT promises.*, (SELECT ${jsonArray('parent_id', 'position')} FROM promise_dependencies WHERE promise_id = promises.id)
    AS depends_on FROM promises`,
  insert: overRows(
    'made',
    ROW,
    (made) =>
      `INSERT INTO promises (${NAMES}) SELECT ${NAMES} FROM ${made} WHERE true ORDER BY ordinal ON CONFLICT DO NOTHING RETURNING id`,
  ),
  insertDependencies: overRows(
    'edge',
    integers('promise_id', 'position', 'parent_id'),
    (edges) => `INSERT INTO promise_dependencies (promise_id, position, parent_id) SELECT promise_id, position, parent_id FROM ${edges}`,
  ),
  update: updateOver('promises', IDENTITY, STATE_COLUMNS, NEXT_VERSION),
  waitingOn: `WHERE ${among('id', `SELECT promise_id FROM promise_dependencies WHERE ${oneOf('parent_id', 'integer')}`)}
    AND status = 'waiting' ORDER BY id`,
  // An index by chat would read everything that was ever promised there.
  lostOutcomes: `${using('promises_undelivered')} WHERE chat_id = ? AND completed_at IS NOT NULL AND delivered_at IS NULL
    AND EXISTS (SELECT 1 FROM outbox WHERE promise_id = promises.id AND status = 'failed')
    AND NOT EXISTS (SELECT 1 FROM outbox WHERE promise_id = promises.id AND status = 'pending') ORDER BY promises.id LIMIT ?`,
  countUndelivered: `SELECT COUNT(*) AS count FROM (SELECT 1 FROM promises${using('promises_undelivered')}
    WHERE completed_at IS NOT NULL AND delivered_at IS NULL AND EXISTS (SELECT 1 FROM outbox WHERE promise_id = promises.id
      AND created_at < ? AND (status = 'pending' OR (status = 'failed' AND failed_at > ?))) LIMIT ?) AS found`,
  holdParents: `SELECT id FROM promises WHERE ${oneOf('id', 'integer')} ORDER BY id${rowLocks?.shared ?? ''}`,
  remove: `DELETE FROM promises WHERE ${oneOf('id', 'integer')}`,
}));

export interface PromiseRow {
  readonly id: number;
  readonly chat_id: string;
  readonly chat_kind: AgentPromise['chatKind'];
  readonly message_id: string | null;
  readonly task_description: string;
  readonly agent: string;
  readonly task_type: string;
  /** ISO 8601. */
  readonly created_at: string;
  readonly metadata: string;
  readonly requested_by: string;
  readonly tenant: string;
  readonly priority: number;
  readonly not_before: number | null;
  readonly deadline_at: number | null;
  readonly retry: string;
  readonly idempotency_key: string | null;
  readonly status: AgentPromise['status'];
  readonly attempts: number;
  readonly failures: number;
  readonly lost_leases: number;
  readonly version: number;
  readonly due_at: number | null;
  readonly started_at: number | null;
  readonly lease_worker: string | null;
  readonly lease_expires_at: number | null;
  /** ISO 8601. */
  readonly completed_at: string | null;
  readonly result_summary: string | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly last_error: string | null;
  readonly delivered_at: number | null;
  readonly progress: string | null;
  readonly progress_at: number | null;
  readonly approval_id: number | null;
  readonly provenance: string | null;
  /** The parents' ids as JSON, in their order. */
  readonly depends_on: string;
}

export const promiseToRow = (promise: AgentPromise): Partial<PromiseRow> => ({
  id: promise.id,
  chat_id: promise.chatId,
  chat_kind: promise.chatKind,
  message_id: promise.messageId ?? null,
  task_description: promise.description,
  agent: promise.agent,
  task_type: promise.taskType,
  created_at: new Date(promise.createdAt).toISOString(),
  metadata: JSON.stringify(promise.metadata),
  requested_by: JSON.stringify(requesterFields(promise.requestedBy)),
  tenant: promise.tenant,
  priority: promise.priority,
  not_before: promise.notBefore ?? null,
  retry: JSON.stringify(retryPolicy(promise.retry)),
  idempotency_key: promise.idempotencyKey ?? null,
  ...stateToRow(promise),
});

/**
 * The columns that a save needs: the state, and the columns that find the row. A column that is left out becomes NULL.
 */
export const stateToRow = (promise: AgentPromise): Partial<PromiseRow> => {
  const { id, version, status, attempts, failures, lostLeases: lost_leases } = promise;
  const provenance = provenanceToText(promise.provenance);
  const counted = { id, version, status, attempts, failures, lost_leases, deadline_at: promise.deadline ?? null, provenance };
  switch (promise.status) {
    case 'waiting':
      return { ...counted, approval_id: promise.approvalId ?? null };
    case 'pending':
      return { ...counted, due_at: promise.dueAt, last_error: failureToJson(promise.lastError) };
    case 'in_progress':
      return {
        ...counted,
        ...leaseToRow(promise),
        started_at: promise.startedAt,
        progress: promise.progress?.text ?? null,
        progress_at: promise.progress?.at ?? null,
        last_error: failureToJson(promise.lastError),
      };
    case 'completed':
      return { ...counted, ...settledToRow(promise), result_summary: promise.result };
    case 'failed':
      return {
        ...counted,
        ...settledToRow(promise),
        ...leaseToRow(promise),
        error_code: promise.error.code,
        error_message: promise.error.message,
      };
    case 'cancelled':
      return { ...counted, ...settledToRow(promise), ...leaseToRow(promise), error_message: promise.reason };
  }
};

const leaseToRow = ({ lease }: { readonly lease?: Lease }): Partial<PromiseRow> =>
  lease ? { lease_worker: lease.workerId, lease_expires_at: lease.expiresAt } : {};

const settledToRow = (settled: { readonly completedAt: number; readonly deliveredAt?: number }): Partial<PromiseRow> => ({
  completed_at: new Date(settled.completedAt).toISOString(),
  delivered_at: settled.deliveredAt ?? null,
});

const failureToJson = (failure: PromiseFailure | undefined): string | null => (failure ? JSON.stringify(failureFields(failure)) : null);

export const promiseFromRow = (row: PromiseRow): AgentPromise => ({
  id: row.id as PromiseId,
  chatId: row.chat_id as ChatId,
  chatKind: row.chat_kind,
  ...(row.message_id === null ? {} : { messageId: row.message_id as MessageId }),
  requestedBy: requesterFields(JSON.parse(row.requested_by) as AgentPromise['requestedBy']),
  description: row.task_description,
  agent: row.agent,
  taskType: row.task_type as TaskType,
  tenant: row.tenant,
  priority: row.priority,
  ...(row.not_before === null ? {} : { notBefore: row.not_before }),
  ...(row.deadline_at === null ? {} : { deadline: row.deadline_at }),
  dependsOn: JSON.parse(row.depends_on) as PromiseId[],
  // A process of an earlier version may still store other settings beside these.
  retry: retryPolicy(JSON.parse(row.retry) as AgentPromise['retry']),
  ...(row.idempotency_key === null ? {} : { idempotencyKey: row.idempotency_key }),
  metadata: JSON.parse(row.metadata) as AgentPromise['metadata'],
  createdAt: Date.parse(row.created_at),
  ...provenanceIn(row),
  attempts: row.attempts,
  failures: row.failures,
  lostLeases: row.lost_leases,
  version: row.version,
  ...stateFromRow(row),
});

const stateFromRow = (row: PromiseRow): PromiseState => {
  const lastError = row.last_error === null ? {} : { lastError: failureFields(JSON.parse(row.last_error) as PromiseFailure) };
  const settled = {
    completedAt: Date.parse(row.completed_at ?? ''),
    ...(row.delivered_at === null ? {} : { deliveredAt: row.delivered_at }),
  };
  const lease: Lease = { workerId: row.lease_worker ?? '', expiresAt: Number(row.lease_expires_at) };
  const cutShort = row.lease_worker === null ? {} : { lease };
  switch (row.status) {
    case 'waiting':
      return { status: 'waiting', ...(row.approval_id === null ? {} : { approvalId: row.approval_id as ApprovalId }) };
    case 'pending':
      return { status: 'pending', dueAt: Number(row.due_at), ...lastError };
    case 'in_progress': {
      const progress = row.progress === null ? {} : { progress: { text: row.progress, at: Number(row.progress_at) } };
      return { status: 'in_progress', startedAt: Number(row.started_at), lease, ...progress, ...lastError };
    }
    case 'completed':
      return { status: 'completed', ...settled, result: row.result_summary ?? '' };
    case 'failed':
      return { status: 'failed', ...settled, ...cutShort, error: { code: row.error_code ?? '', message: row.error_message ?? '' } };
    case 'cancelled':
      return { status: 'cancelled', ...settled, ...cutShort, reason: row.error_message ?? '' };
  }
};
