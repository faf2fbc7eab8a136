import type { z } from 'zod';
import { err, ok, type Refusal, type Result } from '../../domain/index.ts';
import { httpFailure, isConnectionFailure, isPortError, PortError, reasonOf } from '../../ports/index.ts';
import { errorReply } from './http-replies.ts';
import { type Fetch, pinnedFetch } from './pinned-fetch.ts';

export type Send = (path: string, options?: { body?: unknown; headers?: Record<string, string>; signal: AbortSignal }) => Promise<Response>;

/** A server that is asked. */
export interface Asked {
  readonly baseUrl: string;
  readonly token?: string;
  /** PEM. The one certificate that it has, whatever names stand in it. Absent: it has one that everybody trusts. */
  readonly certificate?: string | Buffer;
}

/** Sends requests to one server. Resolves to its response, rejects with PortError if there is none. */
export const makeSend = ({ baseUrl, token, certificate }: Asked): Send => {
  const fetchIt: Fetch = certificate === undefined ? fetch : pinnedFetch(certificate);
  const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
  return async (path, options) => {
    const hasBody = options?.body !== undefined;
    try {
      return await fetchIt(new URL(path, base), {
        method: hasBody ? 'POST' : 'GET',
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(hasBody ? { 'content-type': 'application/json' } : {}),
          ...options?.headers,
        },
        ...(hasBody ? { body: JSON.stringify(options.body) } : {}),
        ...(options ? { signal: options.signal } : {}),
      });
    } catch (error) {
      throw asPortError(error, baseUrl);
    }
  };
};

/** The checked reply, or the server's refusal. Rejects with PortError for any other failure. */
export const readReply = async <T>(response: Response, schema: z.ZodType<T>): Promise<Result<T, Refusal>> => {
  const raw = await jsonOf(response);
  if (!response.ok) {
    const refusal = errorReply.safeParse(raw);
    if (refusal.success && DECISIONS.has(response.status)) return err(inWords(refusal.data));
    throw failureOf(response, refusal.success ? inWords(refusal.data).message : undefined);
  }
  const reply = schema.safeParse(raw);
  if (!reply.success)
    throw new PortError('malformed-reply', `${response.url} answered what this program does not understand: is it a Kept server?`, {
      retryable: false,
      cause: reply.error,
    });
  return ok(reply.data);
};

/** Throws unless the server has agreed to answer. */
export const demandOk = async (response: Response): Promise<void> => {
  if (response.ok) return;
  const refusal = errorReply.safeParse(await jsonOf(response));
  throw failureOf(response, refusal.success ? inWords(refusal.data).message : undefined);
};

/** Statuses about the request itself; the others are about the server, or about the sender. */
const DECISIONS = new Set([400, 404, 409, 413]);

const failureOf = (response: Response, words: string | undefined): PortError => {
  const failure = httpFailure(response.url, response);
  return words === undefined ? failure : new PortError(failure.code, words, failure);
};

const inWords = ({ error }: z.infer<typeof errorReply>): Refusal => ({
  code: error.code,
  message: error.hint === undefined ? error.message : `${error.message} (${error.hint})`,
});

const jsonOf = async (response: Response): Promise<unknown> => {
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw asPortError(error, response.url);
  }
};

export const asPortError = (error: unknown, where: string): PortError => {
  if (isPortError(error)) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'TimeoutError') return new PortError('timeout', `${where} did not answer in time`, { retryable: false, cause: error });
  if (name === 'AbortError') return new PortError('aborted', `the request to ${where} was aborted`, { retryable: false, cause: error });
  if (codeOf(error) === 'ECONNREFUSED')
    return new PortError('unavailable', `nothing answers at ${where}: is Kept running there?`, { retryable: true, cause: error });
  if (isConnectionFailure(error) || isCutShort(error))
    return new PortError('unavailable', `the connection to ${where} broke`, { retryable: false, cause: error });
  return new PortError('unknown', `${where} failed: ${reasonOf(error)}`, { retryable: false, cause: error });
};

/** The error of fetch for a body that was cut; the socket's own error is not always its cause. */
const isCutShort = (error: unknown): boolean => error instanceof TypeError && error.message === 'terminated';

const codeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error && 'code' in error.cause ? error.cause.code : undefined;
