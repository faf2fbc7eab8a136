import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Handler, listenHttp } from '../../support/loopback.ts';

export const PERPLEXITY_KEY = 'pplx-0123456789abcdefghijklmnopqrstuvwxyz';

interface Result {
  readonly title: string;
  readonly url: string;
  readonly snippet: string;
  readonly date?: string | null;
}

const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  query: (value) => typeof value === 'string' && value.trim() !== '',
  max_results: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 20,
  max_tokens_per_page: (value) => Number.isInteger(value) && Number(value) >= 1,
  search_recency_filter: (value) => ['hour', 'day', 'week', 'month', 'year'].includes(String(value)),
  search_domain_filter: (value) =>
    Array.isArray(value) && value.length <= 20 && value.every((host) => /^-?[\w.-]+\.\w+$/.test(String(host))),
};

/**
 * Perplexity's search on loopback: `POST /search` alone, with the right key, and with fields that it knows, each in its
 * bounds (docs.perplexity.ai/api-reference/search-post). Gives the results whose host is asked for.
 */
export const openPerplexity = async (results: readonly Result[] = []) => {
  const seen: unknown[] = [];
  const faults: { readonly method: string; readonly answer: Handler }[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const fault = faults.findIndex(({ method }) => method === request.method);
    const [scripted] = fault < 0 ? [] : faults.splice(fault, 1);
    seen.push(text === '' ? undefined : JSON.parse(text));
    if (scripted) return scripted.answer(request, response);
    if (request.headers.authorization !== `Bearer ${PERPLEXITY_KEY}`)
      return replyJson(response, 401, { error: { message: 'Invalid API key provided.', type: 'invalid_api_key', code: 401 } });
    if (request.method !== 'POST' || request.url !== '/search') return replyJson(response, 404, { detail: 'Not Found' });
    const body = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const wrong = [...Object.keys(body), 'query'].find((field) => !FIELDS[field]?.(body[field]));
    if (wrong !== undefined)
      return replyJson(response, 422, { error: { message: `${wrong} is not valid`, type: 'validation_error', code: 422 } });
    const hosts = body.search_domain_filter as readonly string[] | undefined;
    const found = results.filter(({ url }) => !hosts || hosts.includes(new URL(url).host));
    replyJson(response, 200, { id: crypto.randomUUID(), results: found.slice(0, Number(body.max_results ?? 10)) });
  };

  const server = await listenHttp(handle);
  return {
    ...server,
    /** The bodies of every request, oldest first. */
    seen: seen as readonly unknown[],
    /** The next request of that method is answered so. */
    failNext: (answer: Handler, method = 'POST'): void => void faults.push({ method, answer }),
  };
};
export type FakePerplexity = Awaited<ReturnType<typeof openPerplexity>>;

export const replyJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};
