import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { brokenRules } from '../fakes/openai/rules.ts';

interface ChatRequest {
  readonly messages: readonly { readonly role: string; readonly content?: unknown }[];
}

/** How a server of Chat Completions treats one request: with words, a refusal, or silence behind its headers. */
export type Treatment =
  | { readonly words: string }
  | { readonly declines: string }
  | { readonly status: number; readonly error: object; readonly headers?: Readonly<Record<string, string>> }
  /** Streams these words, then nothing more. */
  | { readonly hangsAfter: string };

/** All that people and tools said in a request, without its instructions. */
export const saidIn = ({ messages }: ChatRequest): string =>
  messages.flatMap(({ role, content }) => (role === 'system' ? [] : [String(content ?? '')])).join('\n');

const USAGE = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };

/** A server that speaks Chat Completions as strictly as the API, and treats each request as it is told. */
export const openUnsteadyModel = async (treat: (request: ChatRequest, nth: number) => Treatment) => {
  const requests: ChatRequest[] = [];
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await json(incoming)) as ChatRequest;
    const rules = brokenRules(body);
    if (rules.length > 0) return refuse(response, 400, { message: rules.map(({ message }) => message).join('; ') });
    requests.push(body);
    const treatment = treat(body, requests.length);
    if ('status' in treatment) return refuse(response, treatment.status, treatment.error, treatment.headers);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (data: object | string): void =>
      void response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
    const chunk = (delta: object, finish_reason: string | null = null): object => ({
      ...{ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'unsteady' },
      choices: [{ index: 0, delta, finish_reason }],
    });
    response.flushHeaders();
    if ('declines' in treatment) send(chunk({ role: 'assistant', refusal: treatment.declines }));
    const words = 'words' in treatment ? treatment.words : 'hangsAfter' in treatment ? treatment.hangsAfter : '';
    if (words !== '') send(chunk({ role: 'assistant', content: words }));
    if ('hangsAfter' in treatment) return;
    send(chunk({}, 'stop'));
    send({ ...chunk({}), choices: [], usage: USAGE });
    send('[DONE]');
    response.end();
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    /** What was asked, in order. */
    requests: requests as readonly ChatRequest[],
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const refuse = (response: ServerResponse, status: number, error: object, headers: Readonly<Record<string, string>> = {}): void =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ error }));
