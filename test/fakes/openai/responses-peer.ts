import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { listenHttp } from '../../support/loopback.ts';
import type { BrokenRule } from '../broken-rule.ts';
import { brokenResponsesRules, type Item, makeSentThoughts, type ResponsesRequest } from './responses-rules.ts';

/** Items of a reply; those of one that then stands still; or a refusal by its status. */
export type ResponsesReply =
  | { readonly output: readonly Item[]; readonly incomplete?: string; readonly hangs?: true }
  | { readonly status: number; readonly error: object; readonly headers?: Readonly<Record<string, string>> };

export const thought = (n: number): Item => ({ type: 'reasoning', id: `rs_${n}`, summary: [], encrypted_content: `sealed-${n}` });
export const said = (text: string, n = 1): Extract<Item, { role: 'assistant' }> => ({
  type: 'message',
  role: 'assistant',
  id: `msg_${n}`,
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
});
export const called = (call_id: string, args: object = {}, name = 'look'): Extract<Item, { type: 'function_call' }> => ({
  type: 'function_call',
  id: `fc_${call_id}`,
  call_id,
  name,
  arguments: JSON.stringify(args),
  status: 'completed',
});

const USAGE = {
  input_tokens: 20,
  input_tokens_details: { cached_tokens: 7, cache_write_tokens: 3 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 2 },
  total_tokens: 25,
};

/**
 * A server that speaks the Responses API, streamed, and is as strict as it: a request that breaks a rule is answered by
 * 400, and told in `broken`. It plays `script`, one reply for each request that it takes.
 */
export const openResponsesPeer = async (script: readonly ResponsesReply[]) => {
  const thoughts = makeSentThoughts();
  const requests: ResponsesRequest[] = [];
  const broken: BrokenRule[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!request.url?.endsWith('/responses')) return refuse(response, 404, invalid(`no such endpoint: ${request.url}`));
    const body = await json(request);
    const rules = brokenResponsesRules(body, thoughts);
    broken.push(...rules);
    if (rules.length > 0) return refuse(response, 400, invalid(rules.map(({ message }) => message).join('; ')));
    const reply = script[requests.length];
    requests.push(body as ResponsesRequest);
    if (!reply) return refuse(response, 500, { message: 'the script has no reply left' });
    if ('status' in reply) return refuse(response, reply.status, reply.error, reply.headers);
    thoughts.issue(reply.output);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    for (const event of eventsOf(reply, (body as ResponsesRequest).model)) response.write(sent(event));
    if (!reply.hangs) response.end();
  };

  const { url, close } = await listenHttp(answer);
  return {
    url: `${url}/v1`,
    /** What was asked and not refused by a rule, in order. */
    requests: requests as readonly ResponsesRequest[],
    broken: broken as readonly BrokenRule[],
    [Symbol.asyncDispose]: close,
  };
};

type Event = { readonly type: string; readonly [field: string]: unknown };
const sent = (event: Event): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** What the API streams for a reply, in its order. */
export const eventsOf = (reply: Extract<ResponsesReply, { output: unknown }>, model: string): readonly Event[] => {
  const { output, incomplete, hangs } = reply;
  const response = {
    id: 'resp_1',
    object: 'response',
    model: `${model}-2026`,
    status: 'in_progress',
    error: null,
    output: [],
    usage: null,
  };
  const end = {
    ...response,
    status: incomplete === undefined ? 'completed' : 'incomplete',
    incomplete_details: incomplete === undefined ? null : { reason: incomplete },
    output,
    usage: USAGE,
  };
  return [
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
    ...output.flatMap((item, output_index) => [
      { type: 'response.output_item.added', output_index, item: { ...item, status: 'in_progress' } },
      ...deltasOf(item, output_index),
      ...(hangs ? [] : [{ type: 'response.output_item.done', output_index, item }]),
    ]),
    ...(hangs ? [] : [{ type: `response.${end.status}`, response: end }]),
  ];
};

const deltasOf = (item: Item, output_index: number): readonly Event[] => {
  if (item.type === 'function_call')
    return halves(item.arguments).map((delta) => ({ type: 'response.function_call_arguments.delta', output_index, delta }));
  if (!('content' in item) || typeof item.content !== 'object') return [];
  return item.content.flatMap((part): readonly Event[] => {
    if (part.type === 'output_text') return halves(part.text).map((delta) => ({ type: 'response.output_text.delta', output_index, delta }));
    return part.type === 'refusal' ? [{ type: 'response.refusal.delta', output_index, delta: part.refusal }] : [];
  });
};

const halves = (text: string): readonly string[] =>
  [text.slice(0, text.length / 2), text.slice(text.length / 2)].filter((part) => part !== '');

const invalid = (message: string): object => ({ message, type: 'invalid_request_error', param: null, code: null });

const refuse = (response: ServerResponse, status: number, error: object, headers: Readonly<Record<string, string>> = {}): void =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ error }));
