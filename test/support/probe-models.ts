import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Handler, listenHttp } from './loopback.ts';
import { chunks } from './openai-chunks.ts';

/** A server of models on loopback: its list, and Chat Completions. */
export const openModels = async (listed: readonly string[]) => {
  /** What it does with the next requests, in the place of an answer. */
  const fault: { list?: Handler; chat?: (body: string) => Handler | undefined; time?: Handler } = {};
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body: Buffer[] = [];
    for await (const part of request) body.push(part as Buffer);
    if (request.method === 'HEAD') return fault.time ? fault.time(request, response) : void response.end();
    if (request.url?.endsWith('/models')) {
      if (fault.list) return fault.list(request, response);
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify({ data: listed.map((id) => ({ id })) }));
    }
    const scripted = fault.chat?.(Buffer.concat(body).toString('utf8'));
    if (scripted) return scripted(request, response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of chunks.text('I am Kept, and I am well.')) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    response.end('data: [DONE]\n\n');
  };
  return { ...(await listenHttp(handle)), fault };
};
