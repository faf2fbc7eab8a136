import type { Statements } from './storage.ts';

export const RUNNING = `SELECT tenant, COUNT(*)::int AS count FROM promises WHERE status = 'in_progress' GROUP BY tenant`;
/** By key, so that two claims never wait for each other. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('kept tenants'), key) FROM
  (SELECT DISTINCT hashtext(tenant) AS key FROM unnest($1::text[]) AS tenant ORDER BY key) AS keys`;

/** How many promises of each tenant are in progress. */
export type Running = ReadonlyMap<string, number>;

export const countRunning = async (query: Statements['query']): Promise<Running> =>
  new Map((await query<{ tenant: string; count: number }>(RUNNING)).map(({ tenant, count }) => [tenant, count]));

/** Claims for one tenant wait for each other here until their transactions end, so that each counts what those before it have started. */
export const holdTenants = async (transaction: Statements, owned: readonly { readonly tenant: string }[]): Promise<Running> => {
  const [, running] = await Promise.all([
    transaction.executeSql(LOCK, [owned.map(({ tenant }) => tenant)]),
    countRunning(transaction.query),
  ]);
  return running;
};
