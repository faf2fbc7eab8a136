import { type ClaimedRequest, PortError, type RequestKeys } from '../../ports/index.ts';
import type { Sql, Transaction } from './sql.ts';

interface KeyRow {
  readonly request: string;
  readonly once: string;
  readonly claimed_until: number;
  readonly status: number | null;
  readonly headers: string | null;
  readonly body: string | null;
}

/** Claims at the same moment give the same name to the effect, too: PostgreSQL may find that one first. */
const CLAIM = `INSERT INTO request_keys (key, request, once, claimed_at, claimed_until) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO NOTHING RETURNING key`;
const KNOWN = 'SELECT request, once, claimed_until, status, headers, body FROM request_keys WHERE key = ?';
const CLAIM_AGAIN = `UPDATE request_keys SET claimed_until = ? WHERE key = ? AND request = ? AND status IS NULL AND claimed_until <= ? RETURNING key`;
const IS_DONE = 'SELECT key FROM request_keys WHERE once = ? AND done_at IS NOT NULL';
const MARK_DONE = 'UPDATE request_keys SET done_at = ? WHERE once = ? AND done_at IS NULL RETURNING key';
const ANSWER = 'UPDATE request_keys SET status = ?, headers = ?, body = ? WHERE key = ? AND status IS NULL';
/** Who asks again need not wait. The name of the effect stays: it may be stored. */
const FREE = 'UPDATE request_keys SET claimed_until = 0 WHERE key = ? AND status IS NULL';
const PURGE_OLD = `DELETE FROM request_keys WHERE key IN (SELECT key FROM request_keys WHERE claimed_at < ? ORDER BY claimed_at LIMIT ?) RETURNING key`;
const COUNT = 'SELECT COUNT(*) AS count FROM request_keys';

/** The idempotency keys of requests, over the database itself or over one transaction. */
export const makeRequestKeys = <T extends Transaction>(sql: Sql<T>): RequestKeys => ({
  claim: ({ key, request, once, at, until }) =>
    sql.write(async ({ query }): Promise<ClaimedRequest> => {
      if ((await query(CLAIM, [key, request, once, at, until])).length > 0) return { kind: 'claimed', once };
      const [known] = await query<KeyRow>(KNOWN, [key]);
      if (!known) return { kind: 'running' };
      if (known.request !== request) return { kind: 'other' };
      if (known.status !== null)
        return {
          kind: 'answered',
          answer: { status: Number(known.status), headers: JSON.parse(known.headers ?? '{}'), body: known.body ?? '' },
        };
      const isMine = (await query(CLAIM_AGAIN, [until, key, request, at])).length > 0;
      return isMine ? { kind: 'claimed', once: known.once } : { kind: 'running' };
    }),
  isDone: async (once) => (await sql.read(IS_DONE, [once])).length > 0,
  markDone: (once, at) =>
    sql.write(async ({ query }) => {
      if ((await query(MARK_DONE, [at, once])).length === 0)
        throw new PortError('concurrency', 'the request with this key was carried out already', { retryable: true });
    }),
  answer: (key, { status, headers, body }) =>
    sql.write(async ({ query }) => void (await query(ANSWER, [status, sql.dialect.json(headers), body, key]))),
  release: (key) => sql.write(async ({ query }) => void (await query(FREE, [key]))),
  purge: ({ before, most, limit }) =>
    sql.write(async ({ query }) => {
      const old = (await query(PURGE_OLD, [before, limit])).length;
      const [counted] = await query<{ count: number }>(COUNT);
      const tooMany = Math.min(limit - old, Number(counted?.count ?? 0) - most);
      return old + (tooMany > 0 ? (await query(PURGE_OLD, [Number.MAX_SAFE_INTEGER, tooMany])).length : 0);
    }),
});
