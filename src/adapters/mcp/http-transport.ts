import { isJSONRPCRequest, type JSONRPCMessage, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { present } from '../../domain/shared/present.ts';
import { boundedFetch } from '../../ports/adapter-kit/bounded-fetch.ts';
import { httpFailure } from '../../ports/adapter-kit/http-failure.ts';
import { pauseInWords } from '../../ports/adapter-kit/read-service.ts';
import { PortError } from '../../ports/index.ts';
import type { McpServer } from './mcp-server.ts';

/** Stands for the answer that did not come: of the codes that JSON-RPC leaves to programs, one that no server uses. */
export const NO_ANSWER = -32_097;

/** Talks to a server over HTTP. Whatever the server answers has an end, and each request has an answer. */
export const makeHttpTransport = ({ url, headers }: Extract<McpServer, { kind: 'http' }>): StreamableHTTPClientTransport =>
  new AnsweringTransport(new URL(url), { requestInit: { headers }, fetch: fetchFromServer });

/** The client waits for its time limit where a stream of events ends without the answer. */
class AnsweringTransport extends StreamableHTTPClientTransport {
  override send(message: JSONRPCMessage | JSONRPCMessage[], options?: Parameters<StreamableHTTPClientTransport['send']>[1]): Promise<void> {
    // Whoever listens to the end of the stream needs no answer.
    if (Array.isArray(message) || !isJSONRPCRequest(message) || options?.onRequestStreamEnd) return super.send(message, options);
    const onRequestStreamEnd = (): void => {
      // An answer that has come is not answered again: the client takes the first.
      this.onmessage?.({ jsonrpc: '2.0', id: message.id, error: { code: NO_ANSWER, message: 'the stream has no answer' } });
    };
    return super.send(message, { ...options, onRequestStreamEnd });
  }
}

const bounded = boundedFetch(undefined, { expected: 'MCP server' });

/**
 * The client looks at none of these: a pause that is asked for, a web page in place of an answer, and a request that is
 * only accepted, after which the client waits for its time limit.
 */
const fetchFromServer = async (url: string | URL, init?: RequestInit): Promise<Response> => {
  const response = await bounded(url, init);
  const { status, ok, headers } = response;
  if (status === 429) {
    await response.body?.cancel();
    const { retryAfterMs } = httpFailure('it', { status, headers });
    const pause = retryAfterMs === undefined ? 'a pause' : `a pause of ${pauseInWords(retryAfterMs)}`;
    throw new PortError('rate-limited', `it answers HTTP 429 and asks for ${pause}`, { retryable: true, ...present({ retryAfterMs }) });
  }
  if (status === 202 && isRequest(init?.body)) {
    await response.body?.cancel();
    throw new PortError('malformed-reply', 'it answers HTTP 202, after which no result comes', { retryable: true });
  }
  if (ok && init?.method === 'POST' && /^(?:text\/html|application\/xhtml)/i.test(headers.get('content-type') ?? '')) {
    await response.body?.cancel();
    throw new PortError('malformed-reply', 'a web page answers there, and no MCP server', { retryable: true });
  }
  return response;
};

const isRequest = (body: unknown): boolean => typeof body === 'string' && isJSONRPCRequest(JSON.parse(body));
