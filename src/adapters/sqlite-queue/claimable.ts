import { type PromiseId, type PromiseStatus, TASK_TYPES, type TaskType, withinShares } from '../../domain/index.ts';
import type { ClaimRequest } from '../../ports/index.ts';
import type { Statements } from './sql.ts';

const DUE = `SELECT promises.id, promises.tenant, promises.task_type AS taskType, promises.status, promises.priority,
  CASE promises.status WHEN 'pending' THEN promises.due_at ELSE promises.lease_expires_at END AS at FROM promises WHERE promises.id IN`;
const IN_TURN = 'ORDER BY promises.priority, at, promises.id';
const RUNNING = `SELECT tenant, COUNT(*) AS count FROM promises WHERE status = 'in_progress' GROUP BY tenant`;
const AMONG = 'IN (SELECT value FROM json_each(?))';
const LAPSED = `SELECT id FROM promises INDEXED BY promises_running WHERE status = 'in_progress' AND lease_expires_at <= ?`;

/**
 * Pending promises by their values in `columns`, with which `index` begins, followed by `due_at` and `id`: neither a long backlog nor a million
 * promises for later are read.
 */
const pendingBy = (index: string, columns: readonly string[]) => {
  const pending = `SELECT id FROM promises INDEXED BY ${index} WHERE status = 'pending'`;
  const from = (at: number): string => [...columns.slice(at), 'due_at', 'id'].join(', ');
  const like = (count: number): string =>
    columns
      .slice(0, count)
      .map((column) => ` AND ${column} = here.${column}`)
      .join('');
  const nexts = columns.map((column, at) => `(${pending}${like(at)} AND ${column} > here.${column} ORDER BY ${from(at)} LIMIT 1)`);
  return {
    /** Their first ones, in a table `leap`: from one to the next it leaps, whatever lies between. */
    leap: `WITH RECURSIVE leap (id) AS (
      SELECT (${pending} ORDER BY ${from(0)} LIMIT 1)
      UNION ALL SELECT COALESCE(${nexts.toReversed().join(', ')}) FROM leap CROSS JOIN promises AS here ON here.id = leap.id)`,
    /** The first due ones of each, where `condition` holds of `here`. */
    due: (condition: string) => `SELECT due.id FROM leap CROSS JOIN promises AS here ON here.id = leap.id CROSS JOIN promises AS due
      WHERE ${condition} AND due.id IN (${pending}${like(columns.length)} AND due_at <= ? ORDER BY due_at, id LIMIT ?)`,
  };
};

const byType = pendingBy('promises_due', ['priority', 'task_type']);
const byTenant = pendingBy('promises_pending', ['priority', 'tenant', 'task_type']);

/** Of certain types. */
const FIRST = `${byType.leap} ${DUE} (${byType.due(`here.task_type ${AMONG}`)} UNION ALL ${LAPSED} AND task_type ${AMONG}) ${IN_TURN} LIMIT ?`;
/** Of each tenant and type that isn't full. */
const OF_EACH = `${byTenant.leap} ${DUE} (${byTenant.due(`here.tenant NOT ${AMONG} AND here.task_type NOT ${AMONG}`)} UNION ALL ${LAPSED}) ${IN_TURN}`;
export const NEXT_DUE = `${byType.leap} SELECT MIN(at) AS at FROM (SELECT due_at AS at FROM leap CROSS JOIN promises ON promises.id = leap.id
  UNION ALL SELECT MIN(lease_expires_at) FROM promises INDEXED BY promises_running WHERE status = 'in_progress')`;

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
  const of = (types: readonly TaskType[], most: number) => [JSON.stringify(types), now, most, now, JSON.stringify(types), most];
  const found: Due[] = [];
  for (const types of [open, ...limited.map((type) => [type])]) {
    const most = Math.min(limit, ...types.map(roomFor));
    if (types.length > 0 && most > 0) found.push(...(await query<Due>(FIRST, of(types, most))));
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
