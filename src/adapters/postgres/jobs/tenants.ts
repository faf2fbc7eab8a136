import type { PostgresTransaction } from '../sql.ts';
import type { Running } from './claimable.ts';

const TENANTS = 'SELECT tenant FROM json_array_elements_text(?::json) AS tenant';
/** Locks in the order of the keys, so that two claims never wait for each other. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('kept tenants'), key) FROM
  (SELECT DISTINCT hashtext(tenant) AS key FROM (${TENANTS}) AS tenants ORDER BY key) AS keys`;
const RUNNING = `SELECT tenant, COUNT(*)::int AS count FROM promises WHERE status = 'in_progress' AND tenant = ANY(ARRAY(${TENANTS})) GROUP BY tenant`;

/**
 * Makes claims for one tenant wait for each other until their transactions end, so that each counts what the claims
 * before it have started.
 */
export const holdTenants = async ({ query }: PostgresTransaction, owned: readonly { readonly tenant: string }[]): Promise<Running> => {
  const tenants = JSON.stringify(owned.map(({ tenant }) => tenant));
  const [, running] = await Promise.all([query(LOCK, [tenants]), query<{ tenant: string; count: number }>(RUNNING, [tenants])]);
  return new Map(running.map(({ tenant, count }) => [tenant, count]));
};
