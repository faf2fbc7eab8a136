import { errorCode } from '../../domain/shared/error-code.ts';
import { isPortError, PortError, type PortErrorCode } from '../port-error.ts';
import { httpFailure, isRefusedPort } from './http-failure.ts';

/** The longest time of one request, its answer included. */
export const REQUEST_MS = 15_000;
/** More of an answer is not read. */
const MAX_ANSWER_BYTES = 4_096;

export interface NoticeRequest {
  /** Who is asked, as people call it. */
  readonly who: string;
  /** The variable that holds the address. */
  readonly variable: string;
  /** May hold a user name and a password. */
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly limitMs?: number | undefined;
  /** Whether a web page is no answer of this service: a guest network gives one to everything. */
  readonly refusesPages?: boolean;
  /** What a status stands for, where it is not what HTTP means by it. */
  readonly codes?: Readonly<Record<number, PortErrorCode>> | undefined;
  /** What a refusal says, out of the beginning of its body. MUST hold nothing that was sent. Default: nothing. */
  readonly detail?: (body: string) => string | undefined;
}

/**
 * Resolves when the other side has taken a request. No error holds the address or what was sent: both may hold secrets.
 * A redirect is not followed: it would take them to where nobody sent them.
 */
export const request = async (asked: NoticeRequest): Promise<void> => {
  const { who, signal, limitMs = REQUEST_MS } = asked;
  const limit = AbortSignal.timeout(limitMs);
  const within = AbortSignal.any([signal, limit]);
  try {
    await exchange(asked, within);
  } catch (error) {
    if (isPortError(error)) throw error;
    if (signal.aborted) throw new PortError('aborted', `the request to ${who} was aborted`, { retryable: true });
    if (limit.aborted) throw new PortError('timeout', `${who} did not answer within ${limitMs / 1_000} s`, { retryable: true });
    throw unreachable(asked, error);
  }
};

const exchange = async ({ url, method, headers, body, ...asked }: NoticeRequest, signal: AbortSignal): Promise<void> => {
  const { who, variable } = asked;
  const { address, authorization } = withoutCredentials(url);
  const response = await fetch(address, {
    method,
    headers: { 'user-agent': 'kept', ...headers, ...(authorization === undefined ? {} : { authorization }) },
    ...(body === undefined ? {} : { body }),
    redirect: 'manual',
    signal,
  });
  const { status } = response;
  // Its status says that it was taken: an answer that never ends changes nothing.
  if (response.ok) {
    if (!asked.refusesPages || !(await isPage(response))) return discard(response);
    await discard(response);
    throw new PortError('malformed-reply', `a web page answers there, and no ${who}: look at ${variable}`, { retryable: true });
  }
  if (status >= 300 && status < 400) {
    await discard(response);
    throw new PortError('malformed-reply', `${who} answered with a redirect (HTTP ${status}), which is not followed: correct ${variable}`, {
      retryable: true,
    });
  }
  const code = asked.codes?.[status];
  const failure = httpFailure(who, { status, headers: response.headers, code, detail: await detailOf(response, asked) });
  if (failure.retryable) throw failure;
  throw new PortError(failure.code, `${failure.message}: look at ${variable}`, { retryable: false });
};

/** `fetch` takes no address with a user name in it. */
const withoutCredentials = (written: string): { readonly address: string; readonly authorization?: string } => {
  const url = new URL(written);
  if (url.username === '' && url.password === '') return { address: written };
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { address: url.href, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
};

/** The code alone: the message of an error may quote the address. */
const unreachable = ({ who, variable }: NoticeRequest, error: unknown): PortError => {
  if (isRefusedPort(error))
    return new PortError('invalid-request', `${who} can't be at that port, which no client of HTTP asks: correct ${variable}`, {
      retryable: false,
    });
  const code = errorCode(error instanceof Error ? error.cause : undefined) ?? errorCode(error);
  const words = code === undefined ? '' : TLS_CODE.test(code) ? `: its TLS certificate is not trusted (${code})` : `: ${code}`;
  return new PortError('unavailable', `${who} can't be reached${words}`, { retryable: true });
};

/** How Node names what is wrong with a certificate. */
const TLS_CODE = /CERT|SELF_SIGNED|ISSUER|ERR_TLS/;

const discard = async ({ body, bodyUsed }: Response): Promise<void> => {
  if (!bodyUsed) await body?.cancel();
};

/** Slack calls its `ok` a page, too: what begins like one is one. An answer that never comes is none. */
const isPage = async (response: Response): Promise<boolean> => {
  if (!/^(?:text\/html|application\/xhtml)/i.test(response.headers.get('content-type') ?? '')) return false;
  const start = await beginningOf(response).catch(() => '');
  return start.trimStart().startsWith('<');
};

/** The status alone says enough where the rest of the answer does not come. */
const detailOf = async (response: Response, { detail }: Pick<NoticeRequest, 'detail'>): Promise<string | undefined> => {
  if (detail) return beginningOf(response).then(detail, () => undefined);
  await discard(response);
  return undefined;
};

const beginningOf = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder();
  let [text, length] = ['', 0];
  if (response.body)
    for await (const chunk of response.body) {
      text += decoder.decode(chunk, { stream: true });
      length += chunk.length;
      if (length >= MAX_ANSWER_BYTES) break;
    }
  return text;
};

/** The text at a key of a JSON object; undefined where there is none. */
export const textIn = (body: string, key: string): string | undefined => {
  try {
    const parsed: unknown = JSON.parse(body);
    const value = typeof parsed === 'object' && parsed !== null ? (parsed as Readonly<Record<string, unknown>>)[key] : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
};
