import { type Claimable, capacityFor, inTurn, type PromiseId, TASK_TYPES, type TaskType, withinShares } from '../../domain/index.ts';
import type { ClaimRequest } from '../../ports/index.ts';
import type { Query } from '../sql/sql.ts';

const due = (at: string): string => `SELECT id, tenant, task_type AS taskType, status, priority, ${at} AS at FROM promises`;
const LAPSED = `${due('lease_expires_at')} INDEXED BY promises_running WHERE status = 'in_progress' AND lease_expires_at <= ?`;
const RUNNING = `SELECT tenant, COUNT(*) AS count FROM promises WHERE status = 'in_progress' GROUP BY tenant`;
const NOT_AMONG = 'NOT IN (SELECT value FROM json_each(?))';

/**
 * A table `leap` with the first pending promise of each combination of values in `columns`; `index` MUST begin with
 * these columns. The query leaps from one combination to the next, so it reads neither a long backlog nor a million
 * promises for later.
 */
const leapOver = (index: string, columns: readonly string[]): string => {
  const pending = `SELECT id FROM promises INDEXED BY ${index} WHERE status = 'pending'`;
  const from = (at: number): string => `ORDER BY ${[...columns.slice(at), 'due_at', 'id'].join(', ')} LIMIT 1`;
  const next = columns.map((column, at) => {
    const same = columns.slice(0, at).map((earlier) => `AND ${earlier} = here.${earlier} `);
    return `(${pending} ${same.join('')}AND ${column} > here.${column} ${from(at)})`;
  });
  return `WITH RECURSIVE leap (id) AS (SELECT (${pending} ${from(0)})
    UNION ALL SELECT COALESCE(${next.toReversed().join(', ')}) FROM leap CROSS JOIN promises AS here ON here.id = leap.id)`;
};

const KINDS = `${leapOver('promises_due', ['priority', 'task_type'])}
  SELECT priority, task_type AS taskType, due_at AS at FROM leap CROSS JOIN promises ON promises.id = leap.id ORDER BY priority`;
const OF_KIND = `${due('due_at')} INDEXED BY promises_due WHERE status = 'pending' AND priority = ? AND task_type = ? AND due_at <= ?
  ORDER BY due_at, id LIMIT ?`;
const EARLIEST_LEASE = `SELECT MIN(lease_expires_at) AS at FROM promises INDEXED BY promises_running WHERE status = 'in_progress'`;
/** The first due promises of each priority, tenant and type that has capacity. */
const OF_EACH = `${leapOver('promises_pending', ['priority', 'tenant', 'task_type'])} ${due('due_at')} WHERE id IN (
  SELECT due.id FROM leap CROSS JOIN promises AS here ON here.id = leap.id CROSS JOIN promises AS due
    WHERE here.tenant ${NOT_AMONG} AND here.task_type ${NOT_AMONG} AND due.id IN
      (SELECT id FROM promises INDEXED BY promises_pending WHERE status = 'pending'
        AND priority = here.priority AND tenant = here.tenant AND task_type = here.task_type AND due_at <= ? ORDER BY due_at, id LIMIT ?))`;

interface Kind {
  readonly priority: number;
  readonly taskType: TaskType;
  /** The due time of the first promise of this kind. */
  readonly at: number;
}

/**
 * The promises that a claim may start. If no tenant is at its limit, only the first promises of the queue are read.
 * Otherwise as many of each tenant as its limit allows are read: the time grows with the number of tenants that have
 * promises, not with the number of promises.
 */
export const findClaimable = async (query: Query, request: ClaimRequest): Promise<readonly PromiseId[]> => {
  const { now, limit, tenantConcurrency, capacity = {} } = request;
  const lapsed = await query<Claimable>(LAPSED, [now]);
  const first = await firstPending(query, request);
  const inOrder = withinShares([...lapsed, ...first].toSorted(inTurn), { limit, capacity }, new Map());
  if (inOrder.length === 0 || tenantConcurrency === undefined) return idsOf(inOrder);
  const running = await query<{ readonly tenant: string; readonly count: number }>(RUNNING);
  const counts = new Map(running.map(({ tenant, count }) => [tenant, count]));
  const admitted = withinShares(inOrder, request, counts);
  if (admitted.length === inOrder.length) return idsOf(admitted);
  const fullTenants = running.flatMap(({ tenant, count }) => (count >= tenantConcurrency ? [tenant] : []));
  const fullTypes = TASK_TYPES.filter((type) => capacityFor(request, type) === 0);
  const each = [JSON.stringify(fullTenants), JSON.stringify(fullTypes), now, Math.min(limit, tenantConcurrency)];
  return idsOf(withinShares([...lapsed, ...(await query<Claimable>(OF_EACH, each))].toSorted(inTurn), request, counts));
};

/**
 * As many promises as the claim wants, of any tenant. Less urgent promises are read only if there are not enough urgent
 * ones.
 */
const firstPending = async (query: Query, request: ClaimRequest): Promise<readonly Claimable[]> => {
  const { now, limit } = request;
  const found: Claimable[] = [];
  const left = new Map(TASK_TYPES.map((type) => [type, capacityFor(request, type)]));
  for (const { priority, taskType, at } of await query<Kind>(KINDS)) {
    const free = left.get(taskType) ?? limit;
    if (found.length >= limit && priority > (found.at(-1)?.priority ?? priority)) break;
    if (free === 0 || at > now) continue;
    const due = await query<Claimable>(OF_KIND, [priority, taskType, now, free]);
    left.set(taskType, free - due.length);
    found.push(...due);
  }
  return found;
};

/** When the next promise may be claimed. */
export const findNextDueAt = async (query: Query): Promise<number | undefined> => {
  const kinds = await query<Kind>(KINDS);
  const [lease] = await query<{ readonly at: number | null }>(EARLIEST_LEASE);
  const next = Math.min(...kinds.map(({ at }) => at), lease?.at ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(next) ? next : undefined;
};

const idsOf = (due: readonly Claimable[]): readonly PromiseId[] => due.map(({ id }) => id);
