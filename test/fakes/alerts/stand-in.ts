import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type Handler, listenHttp } from '../../support/loopback.ts';

export interface ReceivedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly body?: string;
  readonly type?: string;
}

/**
 * A service on loopback that keeps what it is sent. `judge` gives its answer, and says in `problem` what its protocol
 * does not allow.
 */
export const openStandIn = async (judge: (asked: ReceivedRequest) => Reply & { readonly problem?: string }) => {
  const requests: ReceivedRequest[] = [];
  const taken: ReceivedRequest[] = [];
  const problems: string[] = [];
  const faults: Handler[] = [];
  let refusalOf = (_: ReceivedRequest): number | undefined => undefined;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: path = '', headers } = request;
    const asked = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
    requests.push(asked);
    const fault = faults.shift();
    if (fault) return fault(request, response);
    const refusal = refusalOf(asked);
    if (refusal !== undefined) return void response.writeHead(refusal).end();
    const { status, body = '', type = 'text/plain', problem } = judge(asked);
    if (problem === undefined) taken.push(asked);
    else problems.push(problem);
    response.writeHead(status, { 'content-type': type }).end(body);
  };

  const server = await listenHttp(handle);
  return {
    ...server,
    /** All that were sent, in order. */
    requests: (): readonly ReceivedRequest[] => requests,
    /** Those that it took. */
    taken: (): readonly ReceivedRequest[] => taken,
    /** What was wrong with those that it refused. */
    problems: (): readonly string[] => problems,
    /** The next request is answered so. */
    failNext: (answer: Handler): void => void faults.push(answer),
    /** Each request for which this gives a status is answered with it, and not taken. */
    refuse: (statusOf: (asked: ReceivedRequest) => number | undefined): void => {
      refusalOf = statusOf;
    },
    /** Every request from now on is answered so. */
    failAll: (answer: Handler): void => {
      faults.shift = () => answer;
    },
  };
};
export type StandIn = Awaited<ReturnType<typeof openStandIn>>;

/** The JSON of a request; undefined where it is none, or is not called JSON. */
export const jsonOf = ({ headers, body }: ReceivedRequest): unknown => {
  if (!/^application\/json(;|$)/.test(headers['content-type'] ?? '')) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys that stand in an object and are not among these. */
export const strangers = (value: object, known: readonly string[]): readonly string[] =>
  Object.keys(value).filter((key) => !known.includes(key));

/** Whether a text can be kept and shown by anybody. */
export const isClean = (text: string): boolean => text.isWellFormed() && !/[^\P{Cc}\n\t]/u.test(text);
