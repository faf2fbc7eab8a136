import { type PromiseId, type PromiseStatus, TASK_TYPES, type TaskType, withinShares } from '../../domain/index.ts';
import type { ClaimRequest } from '../../ports/index.ts';
import type { Statements } from './sql.ts';

const PRIORITIES = '(VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) AS level';
const DUE = `SELECT promises.id, promises.tenant, promises.task_type AS taskType, promises.status, promises.priority,
  promises.claimable_at AS at FROM`;
const IN_TURN = 'ORDER BY promises.priority, promises.claimable_at, promises.id';
/** Seeks to the due ones of each priority and type: neither a long backlog nor a million promises for later are read. */
const FIRST = `${DUE} ${PRIORITIES} CROSS JOIN json_each(?) AS types CROSS JOIN promises WHERE promises.id IN
  (SELECT id FROM promises WHERE priority = level.column1 AND task_type = types.value AND claimable_at <= ? ORDER BY claimable_at, id LIMIT ?)
  ${IN_TURN} LIMIT ?`;
export const NEXT_DUE = `SELECT MIN((SELECT MIN(claimable_at) FROM promises
    WHERE priority = level.column1 AND task_type = types.value AND claimable_at IS NOT NULL)) AS at
  FROM ${PRIORITIES} CROSS JOIN json_each('${JSON.stringify(TASK_TYPES)}') AS types`;
const RUNNING = `SELECT tenant, COUNT(*) AS count FROM promises WHERE status = 'in_progress' GROUP BY tenant`;

const PENDING = `SELECT id FROM promises INDEXED BY promises_pending WHERE status = 'pending'`;
const NOT_AMONG = 'NOT IN (SELECT value FROM json_each(?))';
/**
 * The first due ones of each priority, tenant and type that isn't full, and leases that have run out. From one of them to the next it
 * leaps, whatever lies between.
 */
const OF_EACH = `WITH RECURSIVE leap (id) AS (
    SELECT (${PENDING} ORDER BY priority, tenant, task_type LIMIT 1)
    UNION ALL SELECT COALESCE(
      (${PENDING} AND priority = here.priority AND tenant = here.tenant AND task_type > here.task_type ORDER BY task_type LIMIT 1),
      (${PENDING} AND priority = here.priority AND tenant > here.tenant ORDER BY tenant, task_type LIMIT 1),
      (${PENDING} AND priority > here.priority ORDER BY priority, tenant, task_type LIMIT 1))
    FROM leap CROSS JOIN promises AS here ON here.id = leap.id)
  ${DUE} promises WHERE promises.id IN (
    SELECT due.id FROM leap CROSS JOIN promises AS here ON here.id = leap.id CROSS JOIN promises AS due
      WHERE here.tenant ${NOT_AMONG} AND here.task_type ${NOT_AMONG} AND due.id IN
        (${PENDING} AND priority = here.priority AND tenant = here.tenant AND task_type = here.task_type AND due_at <= ?
          ORDER BY due_at, id LIMIT ?)
    UNION ALL SELECT id FROM promises WHERE status = 'in_progress' AND lease_expires_at <= ?)
  ${IN_TURN}`;

interface Due {
  readonly id: PromiseId;
  readonly tenant: string;
  readonly taskType: TaskType;
  readonly status: PromiseStatus;
  readonly priority: number;
  readonly at: number;
}

const inTurn = (a: Due, b: Due): number => a.priority - b.priority || a.at - b.at || a.id - b.id;

/**
 * What a claim may start. Where no tenant stands in the way, the first in the queue are looked at and nothing else; else as many of each
 * tenant as there may be, so that it takes as long as there are tenants with promises, however many promises.
 */
export const findClaimable = async (query: Statements['query'], request: ClaimRequest): Promise<readonly PromiseId[]> => {
  const { now, limit, perTenant, room = {} } = request;
  const roomFor = (type: TaskType): number => Math.max(0, Math.min(limit, room[type] ?? limit));
  const [open, limited] = [TASK_TYPES.filter((type) => roomFor(type) === limit), TASK_TYPES.filter((type) => roomFor(type) < limit)];
  const found: Due[] = [];
  for (const types of [open, ...limited.map((type) => [type])]) {
    const most = Math.min(limit, ...types.map(roomFor));
    if (types.length > 0 && most > 0) found.push(...(await query<Due>(FIRST, [JSON.stringify(types), now, most, most])));
  }
  const first = found.toSorted(inTurn).slice(0, Math.max(0, limit));
  if (first.length === 0 || perTenant === undefined) return idsOf(first);
  const running = await query<{ readonly tenant: string; readonly count: number }>(RUNNING);
  const counts = new Map(running.map(({ tenant, count }) => [tenant, count]));
  const admitted = withinShares(first, request, counts);
  if (admitted.length === first.length) return idsOf(admitted);
  const fullTenants = running.flatMap(({ tenant, count }) => (count >= perTenant ? [tenant] : []));
  const fullTypes = TASK_TYPES.filter((type) => roomFor(type) === 0);
  const each = [JSON.stringify(fullTenants), JSON.stringify(fullTypes), now, Math.min(limit, perTenant), now];
  return idsOf(withinShares(await query<Due>(OF_EACH, each), request, counts));
};

const idsOf = (due: readonly Due[]): readonly PromiseId[] => due.map(({ id }) => id);
