import { PortError } from '../../ports/index.ts';

/** Asks somebody what time it is, in ms since 1970. */
export type AskTime = (signal: AbortSignal) => Promise<number>;

/** What the clock of this machine is off by, as far as others know; it is ahead where that is positive. */
export interface ClockOffset {
  readonly ms: number;
  /** Who said so. */
  readonly by: string;
}

/** The time that a server of HTTP tells with each answer, whatever else it answers: to the second. */
export const timeOf =
  (url: string): AskTime =>
  async (signal) => {
    const response = await fetch(url, { method: 'HEAD', signal, redirect: 'manual' });
    await response.body?.cancel();
    const at = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(at)) throw new PortError('malformed-reply', 'it does not tell the time', { retryable: false });
    // It is cut to the second.
    return at + 500;
  };

/** The time that a PostgreSQL server tells. */
export const timeOfPostgres =
  (url: string, timeoutMs: number): AskTime =>
  async () => {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ at: string }>('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS at');
      return Number(rows[0]?.at);
    } finally {
      await client.end().catch(() => undefined);
    }
  };

/** Asks all of them, and takes the word of the first who answers. Rejects where nobody does. */
export const readClockOffset = async (
  sources: readonly { readonly by: string; readonly ask: AskTime }[],
  now: () => number,
  signal: AbortSignal,
): Promise<ClockOffset> => {
  const one = async ({ by, ask }: (typeof sources)[number]): Promise<ClockOffset> => {
    const sentAt = now();
    const told = await ask(signal);
    return { by, ms: Math.round((sentAt + now()) / 2 - told) };
  };
  try {
    return await Promise.any(sources.map(one));
  } catch (error) {
    throw new PortError('unavailable', 'nobody who was asked told the time', { retryable: true, cause: error });
  }
};
