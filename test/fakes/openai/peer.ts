import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { BrokenRule } from '../broken-rule.ts';
import { brokenRules } from './rules.ts';
import { OPENAI, type ServerRules } from './servers.ts';

export interface ChatRequest {
  readonly messages: readonly { readonly role: string; readonly content: string | null; readonly tool_calls?: readonly { id: string }[] }[];
  readonly tools?: readonly object[];
  readonly [parameter: string]: unknown;
}

/** Chunks of a stream, or words of a refusal. */
export type ChatReply = readonly object[] | { readonly refusal: string };

/**
 * A server that speaks Chat Completions, streamed, and is as strict as `server`: a request that breaks a rule is
 * answered by 400, and told in `broken`. `reply` answers the others, in the order in which they come.
 */
export const openChatPeer = async (reply: (request: ChatRequest, n: number) => ChatReply, server: ServerRules = OPENAI) => {
  const requests: ChatRequest[] = [];
  const broken: BrokenRule[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!request.url?.endsWith('/chat/completions')) return refuse(response, 404, `no such endpoint: ${request.url}`);
    const body: unknown = await json(request);
    const rules = brokenRules(body, server);
    broken.push(...rules);
    if (rules.length > 0) return refuse(response, 400, rules.map(({ message }) => message).join('; '));
    const asked = body as ChatRequest;
    requests.push(asked);
    const chunks = reply(asked, requests.length);
    if ('refusal' in chunks) return refuse(response, 400, chunks.refusal);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    response.end('data: [DONE]\n\n');
  };

  const http = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    /** What was asked and not refused by a rule, in order. */
    requests: requests as readonly ChatRequest[],
    broken: broken as readonly BrokenRule[],
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
};

const refuse = (response: ServerResponse, status: number, message: string): void => {
  const error = { message, type: 'invalid_request_error', param: null, code: null };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
};
