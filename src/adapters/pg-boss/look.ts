import { type PromiseId, TASK_TYPES, type TaskType } from '../../domain/index.ts';
import type { ClaimRequest } from '../../ports/index.ts';
import type { Statements } from './storage.ts';

const TYPES = `(VALUES ${TASK_TYPES.map((type) => `('${type}')`).join(', ')}) AS types (type)`;
/**
 * The `count` pending promises of each type and priority that are due first, as part of FROM. They are sought: neither a long backlog nor
 * a million promises for later are read.
 */
export const firstPending = (count: number): string => `${TYPES} CROSS JOIN generate_series(1, 10) AS level CROSS JOIN LATERAL
  (SELECT id, task_type, due_at FROM promises WHERE status = 'pending' AND task_type = type AND priority = level
   ORDER BY due_at LIMIT ${count}) AS promises`;
export const CLAIMABLE = `(SELECT lapsed.id, type, NULL::int AS level FROM ${TYPES} CROSS JOIN LATERAL
    (SELECT id FROM promises WHERE status = 'in_progress' AND lease_expires_at <= ? AND task_type = type
     ORDER BY priority, lease_expires_at, id LIMIT ?) AS lapsed)
  UNION ALL (SELECT NULL, type, MIN(level) FROM ${firstPending(1)} WHERE due_at <= ? GROUP BY type)`;
export const NEXT_DUE = `SELECT LEAST((SELECT MIN(due_at) FROM ${firstPending(1)}),
  (SELECT MIN(lease_expires_at) FROM promises WHERE status = 'in_progress')) AS at`;

/** What there is to claim. */
export interface Claimable {
  /** Promises whose lease has run out. */
  readonly lapsed: readonly { readonly id: PromiseId; readonly type: TaskType }[];
  /** The types of which something is due, the most urgent first. */
  readonly due: readonly TaskType[];
}

/** Most looks find nothing: they cost one statement and no transaction. */
export const lookForClaimable = async (read: Statements['query'], { now, limit }: ClaimRequest): Promise<Claimable> => {
  const rows = await read<{ id: PromiseId | null; type: TaskType; level: number }>(CLAIMABLE, [now, limit, now]);
  const due = rows.filter(({ id }) => id === null).toSorted((a, b) => a.level - b.level);
  return { lapsed: rows.flatMap(({ id, type }) => (id === null ? [] : [{ id, type }])), due: due.map(({ type }) => type) };
};
