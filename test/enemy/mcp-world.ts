import { json } from 'node:stream/consumers';
import { listenHttp } from '../support/loopback.ts';

/** A call that an MCP server has taken: what it says has happened outside. */
export interface Effect {
  readonly server: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface ServedTool {
  readonly name: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
  /** What it answers. Default: `done`. */
  /** Its answer is an error. */
  readonly fails?: true;
  readonly answer?: (input: Readonly<Record<string, unknown>>) => string;
}

interface Heard {
  readonly method: string;
  readonly id?: number;
  readonly params?: { readonly name?: string; readonly arguments?: Readonly<Record<string, unknown>> };
}

/** MCP servers on one port, each under its name: `<url>/shop`. Every call is counted. */
export const openMcpWorld = async (servers: Readonly<Record<string, readonly ServedTool[]>>) => {
  const effects: Effect[] = [];
  const peer = await listenHttp(async (request, response) => {
    const server = (request.url ?? '').replaceAll('/', '');
    const tools = servers[server];
    if (request.method !== 'POST' || !tools) {
      response.writeHead(405).end();
      return;
    }
    const { method, id, params = {} } = (await json(request)) as Heard;
    if (id === undefined) {
      response.writeHead(202).end();
      return;
    }
    const call = (): object => {
      const tool = tools.find(({ name }) => name === params.name);
      const input = params.arguments ?? {};
      effects.push({ server, tool: params.name ?? '', input });
      return { content: [{ type: 'text', text: tool?.answer?.(input) ?? 'done' }], isError: tool?.fails ?? false };
    };
    const answers: Readonly<Record<string, () => object>> = {
      initialize: () => ({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: server, version: '1' } }),
      'tools/list': () => ({
        tools: tools.map(({ name, description = `Does ${name}.`, properties = {}, annotations = {} }) => ({
          name,
          description,
          annotations,
          inputSchema: { type: 'object', properties },
        })),
      }),
      'tools/call': call,
      ping: () => ({}),
    };
    const result = answers[method]?.();
    const body = result ? { result } : { error: { code: -32601, message: 'no such method' } };
    response
      .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'one' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
  });
  return { effects: effects as readonly Effect[], url: peer.url, close: peer.close };
};
