import { askPostgres } from './ask.ts';
import type { Reach } from './reach.ts';

/** The time that a PostgreSQL server tells, in ms since 1970. */
export const timeOfPostgres = (reach: Reach, timeoutMs: number, signal: AbortSignal): Promise<number> =>
  askPostgres(reach, { name: 'kept-check', timeoutMs, signal }, async (client) => {
    const { rows } = await client.query<{ at: string }>('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS at');
    return Number(rows[0]?.at);
  });
