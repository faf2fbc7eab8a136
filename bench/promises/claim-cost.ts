import { type AgentPromise, transition } from '../../src/domain/index.ts';
import { percentile } from '../table.ts';
import { textOf } from './contender.ts';
import { addPromises, type Engine } from './kept.ts';

const SEED = 1_000;
const CLAIM = 10;

/**
 * Claims of ten, each of how long it took in ms, by how many promises are pending: the engines, all fresh, are filled
 * with as many, and claimed from in turn.
 */
export const claimCost = async (
  fresh: readonly Engine[],
  sizes: readonly number[],
  claims: number,
): Promise<ReadonlyMap<number, readonly number[]>> => {
  const engines = new Map(fresh.map((engine, at) => [sizes[at] ?? 0, engine]));
  for (const [size, engine] of engines) await fill(engine, size);
  const took = new Map(Array.from(engines.keys(), (size) => [size, [] as number[]]));
  for (let claim = -5; claim < claims; claim++)
    for (const [size, engine] of engines) {
      const ms = await claimOnce(engine);
      if (claim >= 0) took.get(size)?.push(ms);
    }
  return took;
};

export const claimMs = (cost: ReadonlyMap<number, readonly number[]>, size: number): number => percentile(cost.get(size) ?? [], 50);

const claimOnce = async ({ storage: { queue, stores } }: Engine): Promise<number> => {
  const since = performance.now();
  const claimed = await queue.claim({ workerId: 'bench', now: Date.now(), leaseMs: 30_000, limit: CLAIM, tenantConcurrency: 8 });
  const ms = performance.now() - since;
  if (claimed.length !== CLAIM) throw new Error(`claimed ${claimed.length}, not ${CLAIM}`);
  await stores.promises.update(
    claimed.map(({ id }) => id),
    completed,
  );
  return ms;
};

const completed = (promise: AgentPromise): AgentPromise => {
  const done = transition(promise, { type: 'complete', at: Date.now(), workerId: 'bench', attempt: promise.attempts, result: 'done' });
  if (!done.ok) throw new Error(done.error.message);
  return done.value;
};

/** Some promises made as always, and copied by the database, each with its job where there are jobs. */
const fill = async (engine: Engine, size: number): Promise<void> => {
  await addPromises(
    engine.storage,
    Array.from({ length: SEED }, (_, at) => textOf(at)),
  );
  const copies = Math.ceil(size / SEED) - 1;
  await copy(engine, 'promises', copies, `id <= ${SEED}`, { id: `id + copy * ${SEED}`, due_at: 'due_at + copy' });
  if (!isPostgres(engine)) return;
  const promise = `((data ->> 'promise')::bigint + copy * ${SEED})`;
  await copy(engine, 'pgboss.job_common', copies, `(data ->> 'promise')::bigint <= ${SEED}`, {
    id: `(left(id::text, 2) || lpad(to_hex(${promise}), 30, '0'))::uuid`,
    data: `jsonb_build_object('promise', ${promise})`,
    start_after: `start_after + copy * interval '1 ms'`,
  });
  for (const table of ['promises', 'pgboss.job_common']) await engine.query(`ANALYZE ${table}`);
};

/** No statement may take long. */
const COPIES_AT_ONCE = 50;

const copy = async (
  engine: Engine,
  table: string,
  copies: number,
  originals: string,
  changed: Readonly<Record<string, string>>,
): Promise<void> => {
  const columns = await columnsOf(engine, table);
  for (let first = 1; first <= copies; first += COPIES_AT_ONCE)
    await engine.query(`WITH RECURSIVE copies (copy) AS
        (SELECT ${first} UNION ALL SELECT copy + 1 FROM copies WHERE copy < ${Math.min(copies, first + COPIES_AT_ONCE - 1)})
      INSERT INTO ${table} (${columns.join(', ')})
      SELECT ${columns.map((column) => changed[column] ?? column).join(', ')} FROM ${table} CROSS JOIN copies WHERE ${originals}`);
};

const isPostgres = ({ storage }: Engine): boolean => storage.name.startsWith('PostgreSQL');

const columnsOf = async (engine: Engine, table: string): Promise<readonly string[]> => {
  const sql = isPostgres(engine)
    ? `SELECT attname AS name FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`
    : `SELECT name FROM pragma_table_info('${table}')`;
  return (await engine.query<{ name: string }>(sql)).map(({ name }) => name);
};
