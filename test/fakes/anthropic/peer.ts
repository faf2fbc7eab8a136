import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { listenHttp } from '../../support/loopback.ts';
import type { Lacking } from './media.ts';
import { brokenRules } from './rules.ts';
import { type Block, type MessagesRequest, readShape } from './shape.ts';
import { makeThoughts } from './thoughts.ts';

export interface PeerReply {
  /** It refuses with this status, instead of all the rest. */
  readonly fails?: number;
  readonly content: readonly Block[];
  /** Unless told: `tool_use` where the content calls tools, else `end_turn`. */
  readonly stop?: string;
  /** `stop_details` */
  readonly about?: object;
  /** The model thinks so long; `ping` sends what the API sends meanwhile. */
  readonly thinks?: (ping: () => void) => Promise<void>;
}

/**
 * A server that speaks the Messages API, streamed, and is as strict as it: a request that breaks a rule is answered by
 * 400, and told in `broken`. It plays `script`, one reply for each request that it takes. `lacking`: what it does not
 * take, where it is not the maker's own.
 */
export const openMessagesPeer = async (script: readonly PeerReply[], lacking: readonly Lacking[] = []) => {
  const thoughts = makeThoughts();
  const requests: MessagesRequest[] = [];
  const broken: string[] = [];
  const headers: IncomingHttpHeaders[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    headers.push(request.headers);
    const body = await json(request);
    const rules = brokenRules({ headers: request.headers as Record<string, string>, body }, thoughts, lacking);
    const shape = readShape(body);
    if (rules.length > 0 || !('request' in shape)) {
      broken.push(...rules.map(({ rule, message }) => `${rule}: ${message}`));
      const told = rules.map(({ message }) => message).join('; ');
      if (rules.every(({ rule }) => rule === 'request-size')) return refuse(response, 413, 'request_too_large', told);
      return refuse(response, 400, 'invalid_request_error', told);
    }
    const reply = script[requests.length];
    requests.push(shape.request);
    if (!reply) return refuse(response, 500, 'api_error', 'the script has no reply left');
    if (reply.fails) return refuse(response, reply.fails, 'api_error', 'not now');
    thoughts.issue(shape.request, reply.content);
    await streamReply(response, reply, shape.request.model);
  };

  const { url, close } = await listenHttp(answer);
  return {
    url,
    /** What was asked and taken, in order. */
    requests: requests as readonly MessagesRequest[],
    broken: broken as readonly string[],
    /** The headers of each request, taken or not. */
    headers: headers as readonly IncomingHttpHeaders[],
    [Symbol.asyncDispose]: close,
  };
};

const refuse = (response: ServerResponse, status: number, type: string, message: string): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 'error', error: { type, message } }));

const USAGE = { input_tokens: 10, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };

/** Sends the reply as the Messages API does, to its end. */
export const streamReply = async (response: ServerResponse, { content, stop, about, thinks }: PeerReply, model: string): Promise<void> => {
  const send = (event: { readonly type: string; readonly [field: string]: unknown }): void =>
    void response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  const reason = stop ?? (content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn');
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], usage: { ...USAGE, output_tokens: 1 } };
  send({ type: 'message_start', message });
  for (const [index, block] of content.entries()) {
    const { start, deltas } = parts(block);
    send({ type: 'content_block_start', index, content_block: start });
    if (index === 0 && thinks) await thinks(() => send({ type: 'ping' }));
    for (const delta of deltas) send({ type: 'content_block_delta', index, delta });
    send({ type: 'content_block_stop', index });
  }
  send({
    type: 'message_delta',
    delta: { stop_reason: reason, stop_sequence: null, stop_details: about ?? null },
    usage: { output_tokens: 20 },
  });
  send({ type: 'message_stop' });
  response.end();
};

/** How a block begins, and what comes of it then. */
const parts = (block: Block): { readonly start: object; readonly deltas: readonly object[] } => {
  switch (block.type) {
    case 'text':
      return { start: { ...block, text: '' }, deltas: halves(block.text).map((text) => ({ type: 'text_delta', text })) };
    case 'thinking':
      return {
        start: { ...block, thinking: '', signature: '' },
        deltas: [
          ...halves(block.thinking).map((thinking) => ({ type: 'thinking_delta', thinking })),
          { type: 'signature_delta', signature: block.signature },
        ],
      };
    case 'tool_use':
      return {
        start: { ...block, input: {} },
        deltas: halves(JSON.stringify(block.input)).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      };
    default:
      return { start: block, deltas: [] };
  }
};

const halves = (text: string): readonly string[] =>
  [text.slice(0, text.length / 2), text.slice(text.length / 2)].filter((part) => part !== '');
