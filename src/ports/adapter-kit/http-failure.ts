import { wholeWordsOf } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { PortError, type PortErrorCode } from '../port-error.ts';

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
  // Groq: no capacity.
  498: 'unavailable',
};
const MAX_DETAIL = 300;

/**
 * The failure that an HTTP status stands for (RFC 9110, RFC 6585; 529 is "overloaded"): one mapping for every adapter
 * that speaks HTTP.
 */
export const httpFailure = (who: string, { status, headers, detail, code: told, cause }: HttpRefusal): PortError => {
  const byStatus = status >= 500 ? 'unavailable' : status >= 400 ? 'invalid-request' : 'malformed-reply';
  const code = told ?? NAMED[status] ?? byStatus;
  if (code === 'unauthorised') return new PortError(code, `${who} refused the credentials (HTTP ${status})`, { retryable: false });
  // Such an answer names the account.
  if (code === 'out-of-credit')
    return new PortError(code, `${who} has no credit left: its account's quota is spent (HTTP ${status})`, { retryable: false, cause });
  const mayPass = code === 'rate-limited' || code === 'unavailable';
  const retryAfterMs = (headers && retryAfter(headers)) ?? (mayPass ? waitIn(detail ?? '') : undefined);
  return new PortError(code, `${who} answered HTTP ${status}${detail ? `: ${wholeWordsOf(detail, MAX_DETAIL)}` : ''}`, {
    retryable: code === 'unavailable' || code === 'rate-limited' || code === 'malformed-reply',
    ...present({ retryAfterMs }),
    cause,
  });
};

/**
 * How long the response asks to be left alone, in ms. A date counts from the response's own `Date`: no clock of ours is
 * compared.
 */
const retryAfter = (headers: { get(name: string): string | null }): number | undefined => {
  const ms = numeral(headers.get('retry-after-ms'));
  if (ms !== undefined) return Math.ceil(ms);
  const raw = headers.get('retry-after');
  const seconds = numeral(raw);
  if (seconds !== undefined) return Math.ceil(seconds * 1000);
  const until = Date.parse(raw ?? '') - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(until) ? undefined : Math.max(0, until);
};

/**
 * How long the words of a refusal ask to be left alone, in ms: OpenAI, Azure, Groq, Gemini and LiteLLM say it there,
 * too.
 */
const waitIn = (words: string): number | undefined => {
  const [, spans] = WAIT.exec(words) ?? [];
  const parts = [...(spans?.matchAll(SPAN) ?? [])];
  return spans === undefined ? undefined : Math.ceil(parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitMs(unit ?? ''), 0));
};
const SPAN = /(\d+(?:\.\d+)?) ?(ms|milliseconds?|d(?:ays?)?|h(?:ours?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)(?![a-z])/gi;
/** `try again in 59m12.5s`, `retry after 26 seconds`, `wait 2 minutes and 5 seconds` */
const WAIT = new RegExp(
  `\\b(?:try again|retry|wait) (?:(?:in|after|for) )?((?:${SPAN.source.replace('(?![a-z])', '')}(?:, | and | )?)+)`,
  'i',
);
const unitMs = (unit: string): number => {
  if (/^m(?:s|illi)/i.test(unit)) return 1;
  return { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit.charAt(0).toLowerCase()] ?? 0;
};

const numeral = (raw: string | null): number | undefined => (raw !== null && /^\d+(\.\d+)?$/.test(raw.trim()) ? Number(raw) : undefined);

/**
 * Whether a fetch failed below HTTP: refused, reset, cut in mid-body, no such host. The system's or undici's code
 * stands on the error or its cause.
 */
export const isConnectionFailure = (error: unknown): boolean => {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string' && /^(E(?!RR_)[A-Z0-9]|UND_ERR_)/.test(at.code)) return true;
  return false;
};

/** Whether `fetch` refused the port by itself: nothing was sent. No code stands on that. */
export const isRefusedPort = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof Error && error.cause.message === 'bad port';
