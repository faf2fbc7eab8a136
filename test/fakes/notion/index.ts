import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Handler, listenHttp } from '../../support/loopback.ts';
import { answerOf } from './methods.ts';
import { NotionProblem } from './problem.ts';
import { makeWorld } from './world.ts';

export { option, richText, status, value } from './world.ts';

export const NOTION_KEY = 'ntn_0123456789abcdefghijklmnopqrstuvwxyz';
const VERSIONS = ['2025-09-03', '2026-03-11'];

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** A small Notion on loopback; README.md says how strict it is. */
export const openNotion = async () => {
  const world = makeWorld();
  const seen: SeenRequest[] = [];
  const faults: { readonly path: RegExp; readonly answer: Handler }[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    const { pathname: path, searchParams } = new URL(url, 'http://notion');
    const text = await bodyOf(request);
    const fault = faults.findIndex((each) => each.path.test(path));
    const [scripted] = fault < 0 ? [] : faults.splice(fault, 1);
    seen.push({ method, path, body: text === '' ? undefined : text });
    if (scripted) return scripted.answer(request, response);
    try {
      checkHeaders(request);
      const body = text === '' ? undefined : parsed(text);
      reply(response, 200, answerOf(world, { method, path, query: searchParams, body }));
    } catch (error) {
      if (!(error instanceof NotionProblem)) throw error;
      const { status, code, message, headers } = error;
      reply(response, status, { object: 'error', status, code, message, request_id: crypto.randomUUID() }, headers);
    }
  };

  const server = await listenHttp(handle);
  return {
    ...world,
    url: server.url,
    /** Every request, oldest first. */
    seen: seen as readonly SeenRequest[],
    cut: server.cut,
    close: server.close,
    [Symbol.asyncDispose]: server.close,
    /** The next request to a path that fits is answered so, once. */
    failNext: (path: RegExp, answer: Handler): void => void faults.push({ path, answer }),
    /** The next request to a path that fits is refused, once. */
    refuseNext: (path: RegExp, status: number, code: string, headers: Readonly<Record<string, string>> = {}): void =>
      void faults.push({
        path,
        answer: (_, response) =>
          reply(response, status, { object: 'error', status, code, message: `refused: ${code}`, request_id: 'x' }, headers),
      }),
  };
};
export type FakeNotion = Awaited<ReturnType<typeof openNotion>>;

const reply = (response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotionProblem(400, 'invalid_json', 'Error parsing JSON body.');
  }
};

const checkHeaders = ({ headers }: IncomingMessage): void => {
  if (headers.authorization !== `Bearer ${NOTION_KEY}`) throw new NotionProblem(401, 'unauthorized', 'API token is invalid.');
  const version = headers['notion-version'];
  if (version === undefined)
    throw new NotionProblem(400, 'missing_version', 'Notion-Version header failed validation: Notion-Version header should be defined.');
  if (!VERSIONS.includes(String(version)))
    throw new NotionProblem(400, 'validation_error', `Notion-Version header should be one of ${VERSIONS.join(', ')}.`);
  if (headers['content-type'] !== undefined && !/^application\/json/.test(headers['content-type']))
    throw new NotionProblem(400, 'invalid_request', 'The body is no JSON.');
};
