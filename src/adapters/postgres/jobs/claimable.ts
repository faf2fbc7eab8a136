import { type Claimable, capacityFor, inTurn, TASK_TYPES } from '../../../domain/index.ts';
import type { ClaimRequest } from '../../../ports/index.ts';
import type { Query } from '../../sql/sql.ts';

const TYPES = `(VALUES ${TASK_TYPES.map((type) => `('${type}')`).join(', ')}) AS types (type)`;
/**
 * A FROM item with the `count` pending promises of each type and priority that are due first. It seeks them by an
 * index, so it reads neither a long backlog nor a million promises for later.
 */
export const firstPending = (count: number): string => `${TYPES} CROSS JOIN generate_series(1, 10) AS level CROSS JOIN LATERAL
  (SELECT id, task_type, priority, due_at FROM promises WHERE status = 'pending' AND task_type = type AND priority = level
   ORDER BY due_at LIMIT ${count}) AS promises`;
export const NEXT_DUE = `SELECT LEAST((SELECT MIN(due_at) FROM ${firstPending(1)}),
  (SELECT MIN(lease_expires_at) FROM promises WHERE status = 'in_progress')) AS at`;

const TURN = 'id, tenant, task_type AS "taskType", status, priority';
/**
 * Of each type, as many promises as its capacity allows: promises whose lease has expired, and the most urgent due
 * ones. Each row also holds how many promises of every tenant are in progress, counted once.
 */
export const CLAIMABLE = `SELECT turns.*, (SELECT COALESCE(json_object_agg(tenant, count), '{}') FROM
    (SELECT tenant, COUNT(*) AS count FROM promises WHERE status = 'in_progress' GROUP BY tenant) AS tenants) AS running
  FROM (VALUES ${TASK_TYPES.map((type) => `('${type}', ?::bigint)`).join(', ')}) AS types (type, capacity)
  CROSS JOIN LATERAL (
    (SELECT ${TURN}, lease_expires_at AS at FROM promises WHERE status = 'in_progress' AND lease_expires_at <= ? AND task_type = type
      ORDER BY promises.priority, lease_expires_at, id LIMIT capacity)
    UNION ALL (SELECT due.* FROM generate_series(1, 10) AS level CROSS JOIN LATERAL
      (SELECT ${TURN}, due_at AS at FROM promises WHERE status = 'pending' AND task_type = type AND priority = level AND due_at <= ?
        ORDER BY due_at LIMIT capacity) AS due
      LIMIT capacity)) AS turns`;

interface ClaimableRow extends Claimable {
  readonly running: Readonly<Record<string, number>>;
}

/** How many promises of each tenant are in progress. */
export type Running = ReadonlyMap<string, number>;

/**
 * The promises to claim, the most urgent first, and how many of each tenant are in progress: of all tenants, because
 * others may stand behind in the queue.
 */
export interface Found {
  readonly turns: readonly Claimable[];
  readonly running: Running;
}

/** Most polls find nothing: they cost one statement and no transaction. */
export const findClaimable = async (read: Query, request: ClaimRequest): Promise<Found> => {
  const capacities = TASK_TYPES.map((type) => capacityFor(request, type));
  const turns = await read<ClaimableRow>(CLAIMABLE, [...capacities, request.now, request.now]);
  return { turns: turns.toSorted(inTurn), running: new Map(Object.entries(turns[0]?.running ?? {})) };
};
