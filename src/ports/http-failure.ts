import { wholeWordsOf } from '../domain/shared/beginning.ts';
import { PortError, type PortErrorCode } from './port-error.ts';

export interface HttpRefusal {
  readonly status: number;
  readonly headers?: { get(name: string): string | null } | undefined;
  /** What the other side said about it. Left out where it refuses credentials: such an answer may quote them. */
  readonly detail?: string | null | undefined;
  /** What the refusal stands for, where its body says more than its status. */
  readonly code?: PortErrorCode | undefined;
  readonly cause?: unknown;
}

const NAMED: Readonly<Record<number, PortErrorCode>> = {
  401: 'unauthorised',
  402: 'out-of-credit',
  403: 'unauthorised',
  404: 'not-found',
  408: 'unavailable',
  409: 'unavailable',
  425: 'unavailable',
  429: 'rate-limited',
};
const MAX_DETAIL = 300;

/** The failure that an HTTP status stands for (RFC 9110, RFC 6585; 529 is "overloaded"): one mapping for every adapter that speaks HTTP. */
export const httpFailure = (who: string, { status, headers, detail, code: told, cause }: HttpRefusal): PortError => {
  const byStatus = status >= 500 ? 'unavailable' : status >= 400 ? 'invalid-request' : 'malformed-reply';
  const code = told ?? NAMED[status] ?? byStatus;
  if (code === 'unauthorised') return new PortError(code, `${who} refused the credentials (HTTP ${status})`, { retryable: false });
  // Such an answer names the account.
  if (code === 'out-of-credit')
    return new PortError(code, `${who} has no credit left: its account's quota is spent (HTTP ${status})`, { retryable: false, cause });
  const retryAfterMs = headers && retryAfter(headers);
  return new PortError(code, `${who} answered HTTP ${status}${detail ? `: ${wholeWordsOf(detail, MAX_DETAIL)}` : ''}`, {
    retryable: code === 'unavailable' || code === 'rate-limited' || code === 'malformed-reply',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause,
  });
};

/** How long the response asks to be left alone, in ms. A date counts from the response's own `Date`: no clock of ours is compared. */
const retryAfter = (headers: { get(name: string): string | null }): number | undefined => {
  const ms = numeral(headers.get('retry-after-ms'));
  if (ms !== undefined) return Math.ceil(ms);
  const raw = headers.get('retry-after');
  const seconds = numeral(raw);
  if (seconds !== undefined) return Math.ceil(seconds * 1000);
  const until = Date.parse(raw ?? '') - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(until) ? undefined : Math.max(0, until);
};

const numeral = (raw: string | null): number | undefined => (raw !== null && /^\d+(\.\d+)?$/.test(raw.trim()) ? Number(raw) : undefined);

/** Whether a fetch failed below HTTP: refused, reset, cut in mid-body, no such host. The system's or undici's code stands on the error or its cause. */
export const isConnectionFailure = (error: unknown): boolean => {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string' && /^(E(?!RR_)[A-Z0-9]|UND_ERR_)/.test(at.code)) return true;
  return false;
};
