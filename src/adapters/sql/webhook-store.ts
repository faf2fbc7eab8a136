import {
  chatOfWebhook,
  type PendingWebhookEvent,
  WEBHOOK_STATUSES,
  type WebhookDraft,
  type WebhookEvent,
  type WebhookEventId,
  type WebhookFact,
  type WebhookState,
  type WebhookStatus,
} from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { PortError, type WebhookStats, type WebhookStore } from '../../ports/index.ts';
import { makeKeyValueState } from './key-value-state.ts';
import { integers, perDialect, type Sql, type SqlValue, type Transaction, texts, type Values } from './sql.ts';

interface WebhookRow {
  readonly id: number;
  readonly event_id: string;
  readonly subject: string;
  readonly fact: string;
  readonly at: number;
  readonly since: number;
  readonly attempts: number;
  readonly status: WebhookStatus;
  readonly due_at: number | null;
  readonly ended_at: number | null;
  readonly failed_at: number | null;
  readonly last_error: string | null;
}

const COLUMNS = { ...integers('promise_id', 'at'), ...texts('event_id', 'subject', 'type', 'chat_id', 'fact') };
const GIVEN = Object.keys(COLUMNS).join(', ');
/** Nobody listens until a process with a receiver says so. */
const OWNER = 'webhooks';
const HEARD = `EXISTS (SELECT 1 FROM key_values WHERE owner = '${OWNER}' AND key = 'heard')`;

const statementsIn = perDialect(({ overRows, oneOf, using }) => {
  const pending = (index: string) => `webhook_events${using(index)} WHERE status = 'pending'`;
  const isHead = `NOT EXISTS (SELECT 1 FROM webhook_events AS earlier${using('webhook_events_by_subject')}
    WHERE earlier.status = 'pending' AND earlier.subject = webhook_events.subject AND earlier.id < webhook_events.id)`;
  return {
    add: overRows(
      'given',
      COLUMNS,
      (rows) => `INSERT INTO webhook_events (${GIVEN}, since, due_at, attempts, status)
        SELECT ${GIVEN}, at, at, 0, 'pending' FROM ${rows} WHERE ${HEARD} ORDER BY ordinal ON CONFLICT (event_id) DO NOTHING`,
    ),
    due: `SELECT * FROM ${pending('webhook_events_pending')} AND due_at <= ? AND ${isHead} ORDER BY id LIMIT ?`,
    // Only what lies ahead: there, but for heads, is nothing.
    nextDue: `SELECT due_at AS at FROM ${pending('webhook_events_due')} AND due_at > ? AND ${isHead} ORDER BY due_at LIMIT 1`,
    pendingSince: `SELECT * FROM ${pending('webhook_events_since')} AND since < ? ORDER BY since, id LIMIT ?`,
    oldest: `SELECT MIN(since) AS at FROM ${pending('webhook_events_since')}`,
    counts: 'SELECT status, COUNT(*) AS count FROM webhook_events GROUP BY status',
    lastFailure: `SELECT * FROM webhook_events WHERE last_error IS NOT NULL ORDER BY failed_at DESC, id DESC LIMIT 1`,
    ofStatus: `SELECT * FROM webhook_events WHERE ${oneOf('status', 'text')} ORDER BY id DESC LIMIT ?`,
  };
});
const REVIVED = `status = 'pending', attempts = 0, since = ?, due_at = ?, ended_at = NULL`;
const REVIVE_ONE = `UPDATE webhook_events SET ${REVIVED} WHERE event_id = ? AND status = 'failed' RETURNING id`;
const REVIVE_ALL = `UPDATE webhook_events SET ${REVIVED} WHERE id IN
  (SELECT id FROM webhook_events WHERE status = 'failed' ORDER BY id LIMIT ?) RETURNING id`;
const PURGE_ENDED = `DELETE FROM webhook_events WHERE id IN
  (SELECT id FROM webhook_events WHERE ended_at < ? ORDER BY ended_at LIMIT ?) RETURNING id`;
const PURGE_PENDING = `DELETE FROM webhook_events WHERE id IN
  (SELECT id FROM webhook_events WHERE status = 'pending' AND since < ? ORDER BY since LIMIT ?) RETURNING id`;

/** Facts to post, over the database itself or over one transaction. */
export const makeWebhookStore = <T extends Transaction>(sql: Sql<T>): WebhookStore => {
  const { dialect } = sql;
  const statements = statementsIn(dialect);
  const select = async (statement: string, params: readonly SqlValue[] = []): Promise<readonly WebhookEvent[]> =>
    (await sql.read<WebhookRow>(statement, params)).map(fromRow);
  const timeOf = async (statement: string, params: readonly SqlValue[] = []): Promise<number | undefined> =>
    (await sql.read<{ at: number | null }>(statement, params))[0]?.at ?? undefined;
  const change = (id: WebhookEventId, assignments: string, params: readonly SqlValue[]): Promise<void> =>
    sql.write(async ({ query }) => {
      const changed = await query(`UPDATE webhook_events SET ${assignments} WHERE id = ? AND status = 'pending' RETURNING id`, [
        ...params,
        id,
      ]);
      if (changed.length === 0) throw new PortError('concurrency', `webhook event ${id} is not pending`, { retryable: true });
    });

  return {
    listen: (isHeard) => makeKeyValueState(sql, OWNER).set(new Map([['heard', isHeard ? 'yes' : undefined]])),
    add: (drafts) =>
      drafts.length === 0
        ? Promise.resolve()
        : sql.write(
            async ({ query }) =>
              void (await dialect.runOver(
                query,
                statements.add,
                drafts.map((draft) => toRow(draft, dialect.json)),
              )),
          ),
    get: async (eventId) => (await select('SELECT * FROM webhook_events WHERE event_id = ?', [eventId]))[0],
    due: async (now, limit) => (await select(statements.due, [now, limit])) as readonly PendingWebhookEvent[],
    nextDueAt: (now) => timeOf(statements.nextDue, [now]),
    pendingSince: async (before, limit) => (await select(statements.pendingSince, [before, limit])) as readonly PendingWebhookEvent[],
    markDelivered: (id, at) => change(id, `status = 'delivered', ended_at = ?, due_at = NULL, last_error = NULL, failed_at = NULL`, [at]),
    postpone: (id, { at, reason, dueAt }) =>
      change(id, 'attempts = attempts + 1, failed_at = ?, due_at = ?, last_error = ?', [at, dueAt, reason]),
    giveUp: (id, { at, reason }) =>
      change(id, `status = 'failed', failed_at = ?, ended_at = ?, due_at = NULL, last_error = ?`, [at, at, reason]),
    revive: ({ eventId, limit }, at) =>
      sql.write(async ({ query }) => {
        const revived = eventId === undefined ? await query(REVIVE_ALL, [at, at, limit]) : await query(REVIVE_ONE, [at, at, eventId]);
        return revived.length;
      }),
    list: ({ statuses = WEBHOOK_STATUSES, limit }) => select(statements.ofStatus, [dialect.json(statuses), limit]),
    stats: async (): Promise<WebhookStats> => {
      const counts = { pending: 0, delivered: 0, failed: 0 };
      for (const { status, count } of await sql.read<{ status: WebhookStatus; count: number }>(statements.counts)) counts[status] = count;
      const [lastFailure] = await select(statements.lastFailure);
      const isHeard = (await makeKeyValueState(sql, OWNER).get('heard')) !== undefined;
      return { isHeard, counts, ...present({ oldestSince: await timeOf(statements.oldest), lastFailure }) };
    },
    purge: ({ endedBefore, pendingBefore, limit }) =>
      sql.write(async ({ query }) => {
        const ended = await query(PURGE_ENDED, [endedBefore, limit]);
        return ended.length + (ended.length < limit ? (await query(PURGE_PENDING, [pendingBefore, limit - ended.length])).length : 0);
      }),
  };
};

const toRow = ({ eventId, subject, fact, at }: WebhookDraft, json: (value: unknown) => string): Values => ({
  event_id: eventId,
  subject,
  type: fact.type,
  chat_id: chatOfWebhook(fact),
  promise_id: fact.type === 'promise.settled' ? fact.promise.id : fact.type === 'approval.asked' ? fact.approval.promiseId : undefined,
  fact: json(fact),
  at,
});

const fromRow = (row: WebhookRow): WebhookEvent => ({
  id: row.id as WebhookEventId,
  eventId: row.event_id,
  subject: row.subject,
  fact: JSON.parse(row.fact) as WebhookFact,
  at: row.at,
  since: row.since,
  attempts: row.attempts,
  ...stateFromRow(row),
});

const stateFromRow = (row: WebhookRow): WebhookState => {
  switch (row.status) {
    case 'pending':
      return {
        status: 'pending',
        dueAt: Number(row.due_at),
        ...present({ failedAt: row.failed_at ?? undefined, lastError: row.last_error ?? undefined }),
      };
    case 'delivered':
      return { status: 'delivered', endedAt: Number(row.ended_at) };
    case 'failed':
      return { status: 'failed', endedAt: Number(row.ended_at), lastError: row.last_error ?? '' };
  }
};
