import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { listenHttp } from '../../support/loopback.ts';
import type { BrokenRule } from '../broken-rule.ts';
import { brokenRules } from './rules.ts';
import { OPENAI, type ServerRules } from './servers.ts';

export interface ChatRequest {
  readonly messages: readonly {
    readonly role: string;
    readonly content: string | readonly object[] | null;
    readonly tool_calls?: readonly { id: string }[];
  }[];
  readonly tools?: readonly object[];
  readonly [parameter: string]: unknown;
}

/** Chunks of a stream, those of one that then stands still, words of a refusal, or another answer to the request. */
export type ChatReply =
  | readonly object[]
  | { readonly hangsAfter: readonly object[] }
  | { readonly refusal: string }
  | { readonly status: number; readonly error: object; readonly headers?: Readonly<Record<string, string>> };

/**
 * A server that speaks Chat Completions, streamed, and is as strict as `server`: a request that breaks a rule is
 * answered by 400, and told in `broken`. `reply` answers the others, in the order in which they come; it also gets the
 * path that was asked for, which may begin with more than `/v1`.
 */
export const openChatPeer = async (
  reply: (request: ChatRequest, n: number, path: string) => ChatReply | Promise<ChatReply>,
  server: ServerRules = OPENAI,
) => {
  const requests: ChatRequest[] = [];
  const broken: BrokenRule[] = [];
  const keys: (string | undefined)[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!request.url?.endsWith('/chat/completions')) return refuse(response, 404, invalid(`no such endpoint: ${request.url}`));
    const body: unknown = await json(request);
    const rules = brokenRules(body, server);
    broken.push(...rules);
    if (rules.length > 0) return refuse(response, 400, invalid(rules.map(({ message }) => message).join('; ')));
    const asked = body as ChatRequest;
    requests.push(asked);
    keys.push(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]);
    const told = await reply(asked, requests.length, request.url);
    if ('status' in told) return refuse(response, told.status, told.error, told.headers);
    if ('refusal' in told) return refuse(response, 400, invalid(told.refusal));
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    for (const chunk of 'hangsAfter' in told ? told.hangsAfter : told) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    if (!('hangsAfter' in told)) response.end('data: [DONE]\n\n');
  };

  const { url, close } = await listenHttp(answer);
  return {
    url: `${url}/v1`,
    /** What was asked and not refused by a rule, in order. */
    requests: requests as readonly ChatRequest[],
    /** With which key each of them was asked. */
    keys: keys as readonly (string | undefined)[],
    broken: broken as readonly BrokenRule[],
    close,
  };
};

const invalid = (message: string): object => ({ message, type: 'invalid_request_error', param: null, code: null });

const refuse = (response: ServerResponse, status: number, error: object, headers: Readonly<Record<string, string>> = {}): void =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ error }));
