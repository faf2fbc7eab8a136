import {
  type ActiveSchedule,
  type ChatId,
  type MessageId,
  type PromiseId,
  provenanceToText,
  requesterFields,
  retryPolicy,
  type Schedule,
  type ScheduleId,
  type ScheduleState,
  type TaskType,
} from '../../domain/index.ts';
import { PortError, type ScheduleStore } from '../../ports/index.ts';
import { provenanceIn } from './provenance-column.ts';
import type { Sql, SqlValue, Transaction } from './sql.ts';

interface ScheduleRow {
  readonly id: number;
  readonly chat_id: string;
  readonly chat_kind: Schedule['chatKind'];
  readonly message_id: string | null;
  readonly requested_by: string;
  readonly tenant: string;
  readonly task_description: string;
  readonly agent: string;
  readonly task_type: string;
  readonly priority: number;
  readonly retry: string;
  readonly cron: string;
  readonly time_zone: string;
  /** ISO 8601. */
  readonly created_at: string;
  /** NULL once it has ended. */
  readonly next_at: number | null;
  readonly last_promise_id: number | null;
  /** ISO 8601. */
  readonly ended_at: string | null;
  readonly version: number;
  readonly provenance: string | null;
}

const INSERT = `INSERT INTO schedules (id, chat_id, chat_kind, message_id, requested_by, tenant, task_description, agent, task_type, priority, retry, cron, time_zone,
  created_at, next_at, last_promise_id, ended_at, version, provenance) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = `UPDATE schedules SET next_at = ?, last_promise_id = ?, ended_at = ?, version = version + 1 WHERE id = ? AND version = ? RETURNING id`;

/** Schedules, over the database itself or over one transaction. */
export const makeScheduleStore = <T extends Transaction>(sql: Sql<T>): ScheduleStore => {
  const { json, reserve } = sql.dialect;

  const select = async (rest: string, params: readonly SqlValue[]): Promise<readonly Schedule[]> =>
    (await sql.read<ScheduleRow>(`SELECT * FROM schedules ${rest}`, params)).map(fromRow);

  return {
    reserveIds: async (count) => (await reserve(sql, 'schedule', count)) as readonly ScheduleId[],
    add: (schedules) =>
      sql.write(async ({ query }) => {
        for (const schedule of schedules)
          await query(INSERT, [
            schedule.id,
            schedule.chatId,
            schedule.chatKind,
            schedule.messageId ?? null,
            json(requesterFields(schedule.requestedBy)),
            schedule.tenant,
            schedule.description,
            schedule.agent,
            schedule.taskType,
            schedule.priority,
            json(retryPolicy(schedule.retry)),
            schedule.cron,
            schedule.timeZone,
            new Date(schedule.createdAt).toISOString(),
            ...stateToRow(schedule),
            schedule.version,
            provenanceToText(schedule.provenance),
          ]);
      }),
    get: async (id) => (await select(`WHERE id = ?${sql.rowLock}`, [id]))[0],
    find: ({ chatId, activeOnly, before, limit }) => {
      const terms = [
        ...(chatId === undefined ? [] : ['chat_id = ?']),
        ...(before === undefined ? [] : ['id < ?']),
        ...(activeOnly ? ['next_at IS NOT NULL'] : []),
      ];
      const where = terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : '';
      return select(`${where} ORDER BY id DESC LIMIT ?`, [...[chatId, before].filter((given) => given !== undefined), limit]);
    },
    due: async (now, limit) =>
      (await select('WHERE next_at IS NOT NULL AND next_at <= ? ORDER BY next_at, id LIMIT ?', [now, limit])) as readonly ActiveSchedule[],
    nextAt: async () => {
      const earliest = 'SELECT MIN(next_at) AS at FROM schedules WHERE next_at IS NOT NULL';
      return (await sql.read<{ at: number | null }>(earliest))[0]?.at ?? undefined;
    },
    save: (schedule) =>
      sql.write(async ({ query }) => {
        const saved = await query(UPDATE, [...stateToRow(schedule), schedule.id, schedule.version]);
        if (saved.length > 0) return;
        const problem = `somebody else has changed schedule #${schedule.id} at version ${schedule.version}`;
        throw new PortError('concurrency', problem, { retryable: true });
      }),
  };
};

/** `next_at`, `last_promise_id`, `ended_at`. */
const stateToRow = (schedule: Schedule): readonly SqlValue[] => [
  schedule.status === 'active' ? schedule.nextAt : null,
  schedule.lastPromiseId ?? null,
  schedule.status === 'ended' ? new Date(schedule.endedAt).toISOString() : null,
];

const fromRow = (row: ScheduleRow): Schedule => ({
  id: row.id as ScheduleId,
  chatId: row.chat_id as ChatId,
  chatKind: row.chat_kind,
  ...(row.message_id === null ? {} : { messageId: row.message_id as MessageId }),
  requestedBy: requesterFields(JSON.parse(row.requested_by) as Schedule['requestedBy']),
  description: row.task_description,
  agent: row.agent,
  taskType: row.task_type as TaskType,
  tenant: row.tenant,
  priority: row.priority,
  retry: retryPolicy(JSON.parse(row.retry) as Schedule['retry']),
  cron: row.cron,
  timeZone: row.time_zone,
  createdAt: Date.parse(row.created_at),
  ...provenanceIn(row),
  ...(row.last_promise_id === null ? {} : { lastPromiseId: row.last_promise_id as PromiseId }),
  version: row.version,
  ...stateFromRow(row),
});

const stateFromRow = ({ next_at, ended_at }: ScheduleRow): ScheduleState =>
  next_at === null ? { status: 'ended', endedAt: Date.parse(ended_at ?? '') } : { status: 'active', nextAt: next_at };
