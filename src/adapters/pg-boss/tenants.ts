import type { Running } from './look.ts';
import type { Statements } from './storage.ts';

/** By key, so that two claims never wait for each other. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('kept tenants'), key) FROM
  (SELECT DISTINCT hashtext(tenant) AS key FROM unnest($1::text[]) AS tenant ORDER BY key) AS keys`;
const RUNNING = `SELECT tenant, COUNT(*)::int AS count FROM promises WHERE status = 'in_progress' AND tenant = ANY($1::text[]) GROUP BY tenant`;

/** Claims for one tenant wait for each other here until their transactions end, so that each counts what those before it have started. */
export const holdTenants = async ({ executeSql }: Statements, owned: readonly { readonly tenant: string }[]): Promise<Running> => {
  const tenants = [...new Set(owned.map(({ tenant }) => tenant))];
  const [, { rows }] = await Promise.all([executeSql(LOCK, [tenants]), executeSql(RUNNING, [tenants])]);
  return new Map((rows as { tenant: string; count: number }[]).map(({ tenant, count }) => [tenant, count]));
};
